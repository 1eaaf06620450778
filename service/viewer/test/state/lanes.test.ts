import { describe, expect, it } from "vitest";
import { inOrder, laneCount, lanesFor, spansOf } from "../../src/state/lanes";
import type { Band } from "../../src/state/timeline";

function band(key: string, startNs: number, endNs: number | null): Band {
  return { key, label: "wave", startNs, endNs, confidence: 1, joints: [] };
}

const lanes = (bands: Band[], present: string[] = [], before = new Map<string, number>()) =>
  Object.fromEntries(lanesFor(spansOf(bands, new Set(present), 99), before));

describe("lanesFor", () => {
  it("reuses the lane of a person who has left", () => {
    expect(lanes([band("7", 1, 2), band("8", 3, null)])).toEqual({ 7: 0, 8: 0 });
  });

  it("keeps the lane of a person who acts or is present", () => {
    expect(lanes([band("7", 1, null), band("8", 3, 4)])).toEqual({ 7: 0, 8: 1 });
    expect(lanes([band("7", 1, 2), band("8", 3, 4)], ["7"])).toEqual({ 7: 0, 8: 1 });
  });

  it("keeps people's lanes when the bands of others are gone", () => {
    const before = new Map([
      ["7", 0],
      ["8", 1],
    ]);
    expect(lanes([band("9", 5, 6), band("8", 5, 6)], ["8", "9"], before)).toEqual({ 8: 1, 9: 0 });
  });

  it("moves a person whose lane an earlier person returned to", () => {
    const before = new Map([
      ["7", 0],
      ["8", 0],
    ]);
    const bands = [band("7", 1, 2), band("8", 3, 4), band("7", 5, null)];
    expect(lanes(bands, [], before)).toEqual({ 7: 0, 8: 1 });
  });

  it("gives a lane to a person who has not acted yet", () => {
    expect(lanes([band("7", 1, null)], ["7", "8"])).toEqual({ 7: 0, 8: 1 });
    expect(lanes([band("7", 1, 2)], ["8"])).toEqual({ 7: 0, 8: 0 });
  });

  it("sorts the lanes by the number of the person who was there last", () => {
    const spans = spansOf([band("9", 1, 2), band("12", 1, 2), band("3", 4, 5)], new Set(), 99);
    const given = new Map([
      ["12", 0],
      ["9", 1],
      ["3", 1],
    ]);
    expect(Object.fromEntries(inOrder(given, spans, Number))).toEqual({ 3: 0, 9: 0, 12: 1 });
  });

  it("counts at least one lane", () => {
    expect(laneCount(new Map())).toBe(1);
    expect(laneCount(new Map([["7", 2]]))).toBe(3);
  });
});
