import { describe, expect, it } from "vitest";
import { type Box, leaderOf, personBox, spread } from "../../src/scene/tag_placement";

const FRAME = { width: 400, height: 600 };
const tag = (left: number, top: number): Box => ({ left, top, width: 100, height: 24 });

function apart(a: Box, b: Box): boolean {
  const across = a.left + a.width <= b.left || b.left + b.width <= a.left;
  return across || a.top + a.height <= b.top || b.top + b.height <= a.top;
}

function allApart(boxes: readonly Box[]): boolean {
  return boxes.every((a, i) => boxes.slice(i + 1).every((b) => apart(a, b)));
}

describe("spread", () => {
  it("leaves boxes that are in nobody's way", () => {
    const wanted = [tag(20, 100), tag(200, 100)];
    expect(spread(wanted, FRAME, [])).toEqual(wanted);
  });

  it("keeps boxes inside the frame", () => {
    const [left, right] = spread([tag(-60, -9), tag(380, 700)], FRAME, []);
    expect([left!.left, left!.top]).toEqual([4, 4]);
    expect([right!.left, right!.top]).toEqual([296, 572]);
  });

  it("moves boxes off each other and off the taken boxes", () => {
    const headline = { left: 0, top: 0, width: 250, height: 120 };
    const wanted = [tag(40, 60), tag(50, 70), tag(160, 110), tag(230, 112), tag(350, 112)];
    const placed = spread(wanted, FRAME, [headline]);
    expect(allApart([headline, ...placed])).toBe(true);
    expect(placed[0]).toMatchObject({ left: 40, top: 124 });
  });

  it("moves a box up rather than down, over the head below it", () => {
    expect(spread([tag(40, 100), tag(50, 104)], FRAME, [])[1]!.top).toBe(72);
  });

  it("covers nobody's head", () => {
    const people = [
      { left: 60, top: 110, width: 40, height: 60 },
      { left: 130, top: 100, width: 40, height: 60 },
    ];
    const placed = spread([tag(30, 86), tag(100, 76)], FRAME, [], people);
    expect(allApart([...people, ...placed])).toBe(true);
  });

  it("covers no body of a row of small people, but goes up", () => {
    const people = [50, 100, 150, 200, 250].map((x) => personBox([x, 300], [x, 324]));
    const wide = (x: number): Box => ({ ...tag(x, 276), width: 200 });
    const placed = spread([0, 10, 60, 90, 140].map(wide), FRAME, [], people);
    expect(allApart([...people, ...placed])).toBe(true);
    expect(placed.every(({ top }) => top <= 276)).toBe(true);
  });

  it("keeps a box inside the frame when there is no room", () => {
    const all = { left: 0, top: 0, ...FRAME };
    expect(spread([tag(380, 20)], FRAME, [all])).toEqual([tag(296, 20)]);
  });
});

describe("leaderOf", () => {
  it("draws no line from a tag right above its person", () => {
    expect(leaderOf(tag(50, 76), 100, 100)).toBeNull();
  });

  it("leads from a tag that was moved to its person", () => {
    expect(leaderOf(tag(50, 26), 100, 100)).toEqual([100, 50, 100, 100]);
    expect(leaderOf(tag(200, 76), 100, 100)).toEqual([212, 100, 100, 100]);
    expect(leaderOf(tag(50, 140), 100, 100)).toEqual([100, 140, 100, 100]);
  });
});
