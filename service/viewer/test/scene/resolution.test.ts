import { expect, it } from "vitest";
import { Resolution } from "../../src/scene/resolution";

/** Draws for `seconds` on a machine that needs `costS` for a frame at ratio 1. */
function draw(resolution: Resolution, seconds: number, costS: number): number[] {
  const ratios: number[] = [];
  for (let atS = 0; atS < seconds;) {
    const frameS = Math.max(1 / 60, costS * resolution.ratio ** 2);
    if (resolution.take(frameS)) ratios.push(resolution.ratio);
    atS += frameS;
  }
  return ratios;
}

it("draws fewer pixels until frames are fast enough, and no fewer than the least", () => {
  const resolution = new Resolution(1);
  draw(resolution, 10, 0.12);
  expect(resolution.ratio).toBeLessThan(0.7);
  expect(0.12 * resolution.ratio ** 2).toBeLessThan(1 / 15);
  draw(resolution, 20, 5);
  expect(resolution.ratio).toBe(0.5);
});

it("returns to full resolution when there is room again", () => {
  const resolution = new Resolution(2);
  draw(resolution, 10, 0.1);
  expect(resolution.ratio).toBeLessThan(1);
  draw(resolution, 60, 0.002);
  expect(resolution.ratio).toBe(2);
});

it("tries more pixels ever more rarely where they are too slow", () => {
  const resolution = new Resolution(1);
  draw(resolution, 20, 0.056);
  expect(draw(resolution, 300, 0.056).length).toBeLessThan(12);
});
