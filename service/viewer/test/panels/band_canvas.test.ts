import { describe, expect, it } from "vitest";
import type { TimeAxis } from "../../src/state/screen";
import type { Band } from "../../src/state/timeline";
import { freeUntil, heightOf, newestOf, wordsOf } from "../../src/panels/band_canvas";

function band(key: string, startNs: number, endNs: number | null): Band {
  return { key, label: "wave", startNs, endNs, confidence: 1, joints: [] };
}

describe("the drawn timeline", () => {
  it("grows with its lanes, up to a limit", () => {
    expect([1, 2, 4, 40].map(heightOf)).toEqual([44, 44, 72, 144]);
  });

  it("gives a band's words the room up to the next band in its lane", () => {
    const [first, other, next] = [band("7", 1, 2), band("8", 3, 9), band("9", 6, 7)];
    const view = {
      bands: [next, first, other],
      endNs: 10,
      lanes: new Map([
        ["7", 0],
        ["8", 1],
        ["9", 0],
      ]),
    } as unknown as TimeAxis;
    expect([first, other, next].map((one) => freeUntil(one, view))).toEqual([6, 10, 10]);
    expect([...newestOf(view)]).toEqual([
      [0, "9"],
      [1, "8"],
    ]);
    const numbered = { ...view, numberOf: (key: string) => key };
    expect(wordsOf(first, "9", numbered)).toBe("7:\u00a0wave");
    expect(wordsOf(next, "9", numbered)).toBe("wave");
    const lanes = new Map([...view.lanes, ["11", 1]]);
    expect(newestOf({ ...view, lanes }).get(1)).toBe("11");
  });
});
