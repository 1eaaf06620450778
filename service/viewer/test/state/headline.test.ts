import { expect, it } from "vitest";
import {
  confidenceText,
  headlineOf,
  headlineText,
  idle,
  noBarsText,
  spokenText,
  subjectOf,
  tagText,
} from "../../src/state/headline";
import { LABELS } from "../builders";

it("never calls the background an action", () => {
  const band = {
    key: "7",
    label: "background",
    startNs: 0,
    endNs: null,
    confidence: 1,
    joints: [],
  };
  expect(headlineOf(band, null, LABELS, 0).kind).toBe("nothing");
});

it("promises no prediction for a stream that has ended", () => {
  expect(noBarsText(idle("waiting"))).toBe("No prediction yet");
  expect(noBarsText(idle("ended"))).toBe("No prediction now");
});

it("says maybe while the most likely class is not decided", () => {
  const headline = headlineOf(null, [0.3, 0.64, 0.06, 0], LABELS, 0);
  expect(headlineText(headline)).toBe("Maybe wave (64\u00a0%)");
  expect(tagText(headline)).toBe("maybe wave (64\u00a0%)");
  expect(spokenText(headline)).toBe("Maybe wave");
  expect(confidenceText(headline)).toBe("");
  expect(subjectOf(headline, LABELS, 0)).toBe("wave");
});

it("keeps the last action while none goes on", () => {
  const last = { label: "sit2stand", agoS: 3.7 };
  const nothing = { ...headlineOf(null, [0.9, 0.1, 0, 0], LABELS, 0), last };
  expect(headlineText(nothing)).toBe("sit to stand, 3 s ago");
  expect(confidenceText(nothing)).toBe("No known action since");
  const maybe = { ...headlineOf(null, [0.3, 0.7, 0, 0], LABELS, 0), last };
  expect(headlineText(maybe)).toBe("Maybe wave (70\u00a0%)");
  expect(confidenceText(maybe)).toBe("Last: sit to stand, 3 s ago");
  expect([tagText(maybe), spokenText(maybe)]).toEqual(["maybe wave (70\u00a0%)", "Maybe wave"]);
});

it("mentions no class that is less likely than the background", () => {
  const headline = headlineOf(null, [0.5, 0.4, 0.1, 0], LABELS, 0);
  expect(headlineText(headline)).toBe("No known action");
  expect(subjectOf(headline, LABELS, 0)).toBe("background");
});
