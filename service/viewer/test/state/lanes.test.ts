import { describe, expect, it } from "vitest";
import { laneCount, lanesFor, spansOf } from "../../src/state/lanes";
import type { Band } from "../../src/state/timeline";

function band(key: string, startNs: number, endNs: number | null): Band {
  return { key, label: "wave", startNs, endNs, confidence: 1, joints: [] };
}

const lanes = (bands: Band[], present: string[] = [], before = new Map<string, number>()) =>
  Object.fromEntries(lanesFor(spansOf(bands, new Set(present)), before));

describe("lanesFor", () => {
  it("gives the lane of one who has left to one who comes", () => {
    expect(lanes([band("7", 1, 2), band("8", 3, null)])).toEqual({ 7: 0, 8: 0 });
  });

  it("keeps the lane of one who acts, or is there and may act again", () => {
    expect(lanes([band("7", 1, null), band("8", 3, 4)])).toEqual({ 7: 0, 8: 1 });
    expect(lanes([band("7", 1, 2), band("8", 3, 4)], ["7"])).toEqual({ 7: 0, 8: 1 });
  });

  it("leaves people where they are when the bands of others have gone", () => {
    const before = new Map([
      ["7", 0],
      ["8", 1],
    ]);
    expect(lanes([band("9", 5, 6), band("8", 5, 6)], ["8", "9"], before)).toEqual({ 8: 1, 9: 0 });
  });

  it("moves one whose lane an earlier one came back to", () => {
    const before = new Map([
      ["7", 0],
      ["8", 0],
    ]);
    const bands = [band("7", 1, 2), band("8", 3, 4), band("7", 5, null)];
    expect(lanes(bands, [], before)).toEqual({ 7: 0, 8: 1 });
  });

  it("counts lanes, never none", () => {
    expect(laneCount(new Map())).toBe(1);
    expect(laneCount(new Map([["7", 2]]))).toBe(3);
  });
});
