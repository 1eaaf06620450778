import { describe, expect, it } from "vitest";
import {
  litAt,
  litBy,
  missText,
  momentAt,
  silences,
  spanOf,
  totalText,
  unitScale,
  whyHeatmap,
} from "../../src/state/why_data";
import { whyAnswer } from "../why/builders";

describe("the time in view", () => {
  it("begins before the action and the moments of its units", () => {
    expect(spanOf(whyAnswer())).toEqual({ startS: -0.4, endS: 1 });
    const early = whyAnswer({ times_s: [-2, -1, 0, 1] });
    expect(spanOf(early).startS).toBe(-1.4);
  });

  it("never begins before the first frame", () => {
    const frames = { rate_hz: 30, start_s: -0.1, bones: [], joints_m: [], seen: [] };
    expect(spanOf(whyAnswer({ frames })).startS).toBe(-0.1);
  });
});

it("finds the moment that a time lies in", () => {
  const times = [0.2, 0.4, 0.6];
  expect([0, 0.2, 0.3, 9].map((timeS) => momentAt(times, timeS))).toEqual([0, 0, 1, 2]);
});

it("finds the runs in which a unit is silent, on the scale of the strongest one", () => {
  const answer = whyAnswer();
  expect(unitScale(answer)).toBe(2);
  expect(silences([0, 1, 0.01, -2], 2)).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(silences([0, 0.05, -0.1], 2)).toEqual([[0, 3]]);
});

it("has a row for the whole body, and sums over moments that are out of view", () => {
  const answer = whyAnswer();
  const map = whyHeatmap(answer, answer.split, { startS: 0, endS: 1 }, 0.75);
  expect(map.joints).toEqual(["WholeBody", "Head", "HandRight"]);
  expect(map.rows).toEqual([
    [0, 0.5, 0],
    [0, -0.5, 0],
    [2, 2, 0],
  ]);
  expect(map.totals.reduce((sum, value) => sum + value, 0)).toBe(4);
  expect([map.start, map.end]).toEqual(["−1.0 s", "1.0 s"]);
});

it("lights joints by their shares, and all of them by the whole body", () => {
  const names = ["Head", "HandRight"];
  expect(litBy(names, [{ joint: "HandRight", share: 0.3 }])).toEqual([0, 1]);
  expect(litBy(names, [{ joint: "body", share: 0.3 }])).toEqual([1, 1]);
  expect(litAt(whyAnswer(), 0.7)).toEqual([-0.25, 1]);
});

it("says in plain words what the parts add up to", () => {
  expect(missText(0)).toBe("The parts add up to it exactly.");
  expect(missText(-4e-7)).toBe("The parts miss this sum by less than 0.000001.");
  expect(missText(1e-6)).toBe("The parts miss this sum by less than 0.000001.");
  const { split } = whyAnswer();
  expect(totalText(split, "“wave”", "a pose")).toMatch(
    "together: +4.00. That is the score of “wave” (3.00) minus the same for a pose (−1.00).",
  );
});
