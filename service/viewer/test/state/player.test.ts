import { describe, expect, it } from "vitest";
import { indexAt, Player } from "../../src/state/player";

describe("Player", () => {
  it("stops at the end, and starts again when played there", () => {
    const player = new Player(1, false);
    player.advance(2);
    expect([player.timeS, player.playing]).toEqual([1, false]);
    player.toggle();
    expect([player.timeS, player.playing]).toEqual([0, true]);
  });

  it("loops", () => {
    const player = new Player(1, true);
    player.advance(1.25);
    expect(player.timeS).toBeCloseTo(0.25);
  });
});

it("finds the last prediction before a time", () => {
  expect([-1, 0, 0.9, 1, 9].map((t) => indexAt([0, 1, 2], t))).toEqual([0, 0, 0, 1, 2]);
  expect(indexAt([], 1)).toBe(-1);
});
