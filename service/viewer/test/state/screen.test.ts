import { expect, it } from "vitest";
import { topBars } from "../../src/state/screen";
import { LABELS } from "../builders";

it("ranks bars and marks the background", () => {
  const bars = topBars([0.3, 0.6, 0.1, 0], LABELS, 0, null, 2);
  expect(bars.map((bar) => [bar.label, bar.kind])).toEqual([
    ["wave", "class"],
    ["background", "background"],
  ]);
});

it("puts the label of the headline first", () => {
  const bars = topBars([0.3, 0.5, 0.2, 0], LABELS, 0, "clap", 3);
  expect(bars.map((bar) => bar.label)).toEqual(["clap", "wave", "background"]);
});
