import { describe, expect, it } from "vitest";
import { PerspectiveCamera, Vector3 } from "three";
import type { Vec3 } from "../../src/wire/messages";
import { blend, bridged, Floor, lowestOf, pictureX, place, poseAt } from "../../src/scene/space";

/** The shoulders of a person who faces the sensor: the left one is at smaller x. */
const LEFT: Vec3 = [-0.2, 0.4, 2];
const RIGHT: Vec3 = [0.2, 0.4, 2];

/** The horizontal position, −1 left … 1 right, at which a camera at the sensor draws a point. */
function seenFromSensor(joint: Vec3): number {
  const camera = new PerspectiveCamera(50, 1, 0.1, 10);
  camera.lookAt(0, 0, 1);
  camera.updateMatrixWorld();
  return new Vector3(...joint).project(camera).x;
}

describe("handedness", () => {
  it("shows a facing person's left on the right, as the camera sees it", () => {
    expect(seenFromSensor(place(LEFT, false))).toBeGreaterThan(0);
    expect(seenFromSensor(place(RIGHT, false))).toBeLessThan(0);
  });

  it("shows a facing person's left on the left in the mirror", () => {
    expect(seenFromSensor(place(LEFT, true))).toBeLessThan(0);
    expect(seenFromSensor(place(RIGHT, true))).toBeGreaterThan(0);
  });

  it.each([true, false])("draws 2D pictures the same way round (mirror %s)", (mirror) => {
    const sign = Math.sign(seenFromSensor(place(LEFT, mirror)));
    expect(Math.sign(pictureX(LEFT, mirror))).toBe(sign);
  });
});

it("blends poses and clamps time to the clip", () => {
  const frames: Vec3[][] = [[[0, 0, 0]], [[1, 2, 3]]];
  expect(blend(frames[0]!, frames[1]!, 0.5)).toEqual([[0.5, 1, 1.5]]);
  expect(poseAt(frames, 10, 0.05)[0]![0]).toBeCloseTo(0.5);
  expect(poseAt(frames, 10, 99)).toEqual([[1, 2, 3]]);
  expect(poseAt([], 10, 0)).toEqual([]);
});

it("fills in trunk joints that a sensor does not give", () => {
  const names = ["SpineBase", "HipLeft", "HipRight", "Neck"];
  const joints: Vec3[] = [[0, 0, 0], LEFT, RIGHT, [0, 0, 0]];
  const { joints: drawn, seen } = bridged(names, joints, [0, 1, 1, 0]);
  expect(drawn[0]).toEqual([0, 0.4, 2]);
  expect(seen).toEqual([true, true, true, false]);
});

describe("floor", () => {
  it("drops to the lowest foot at once and rises slowly", () => {
    const floor = new Floor();
    floor.update(-1, 0.03);
    expect(floor.update(-1.2, 0.03)).toBeCloseTo(-1.2);
    expect(floor.update(-0.5, 0.03)).toBeLessThan(-1.19);
    expect(floor.update(-0.5, 60)).toBeCloseTo(-0.5);
  });

  it("ignores joints that were not seen", () => {
    expect(lowestOf([LEFT, [0, -9, 0]], [1, 0])).toBe(0.4);
    expect(lowestOf([LEFT], [0])).toBeNull();
  });
});
