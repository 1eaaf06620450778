import { describe, expect, it } from "vitest";
import { freeUntil, heightOf } from "../src/bands";
import { laneCount, lanesFor, spansOf } from "../src/lanes";
import type { TimeAxis } from "../src/screen";
import { shortened } from "../src/text";
import type { Band } from "../src/timeline";

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

describe("the drawn timeline", () => {
  it("grows with its lanes, up to a bound", () => {
    expect([1, 2, 4, 40].map(heightOf)).toEqual([44, 44, 72, 144]);
  });

  it("leaves a band's words the room to the next band of its lane, whosever it is", () => {
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
  });

  it("writes whole words or none", () => {
    const within = (most: number) => (part: string) => part.length <= most;
    expect(shortened("tennis serve", within(12))).toBe("tennis serve");
    expect(shortened("make the letter a", within(16))).toBe("make the letter…");
    expect(shortened("tennis serve", within(9))).toBe("tennis…");
    expect(shortened("tennis serve", within(3))).toBe("");
    expect(shortened("jog", within(2))).toBe("");
  });
});
