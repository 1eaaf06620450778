/**
 * From camera space to the scene. Camera space (metres, y up, z away from the sensor, x to the
 * sensor's left) is right-handed as three.js is, so a viewer at the sensor who looks along +z sees
 * what the sensor sees: smaller x on the right, where the left hand of a facing person is.
 */

import type { Vec3 } from "./messages";

/** Where a joint is drawn; `mirror` shows the person as a mirror on the sensor's place would. */
export function place(joint: Vec3, mirror: boolean): Vec3 {
  return mirror ? [-joint[0], joint[1], joint[2]] : joint;
}

/** Right of the picture, from the sensor's place: the page's own measure for 2D drawings. */
export function pictureX(joint: Vec3, mirror: boolean): number {
  return mirror ? joint[0] : -joint[0];
}

const KEEP = 0.995;

/** The height of the floor: it sinks at once under the lowest foot and rises slowly. */
export class Floor {
  height: number | null = null;

  see(lowest: number): number {
    const before = this.height ?? lowest;
    this.height = lowest < before ? lowest : before * KEEP + lowest * (1 - KEEP);
    return this.height;
  }
}

/** The lowest y of joints that were seen, or null where none was. */
export function lowestOf(joints: readonly Vec3[], confidence: readonly number[] | null) {
  let lowest: number | null = null;
  joints.forEach((joint, j) => {
    if (confidence && !(confidence[j]! > 0)) return;
    lowest = lowest === null ? joint[1] : Math.min(lowest, joint[1]);
  });
  return lowest as number | null;
}

/** Two poses mixed: `share` 0 is `a`, 1 is `b`. */
export function blend(a: readonly Vec3[], b: readonly Vec3[], share: number): Vec3[] {
  return a.map((p, j) => {
    const q = b[j] ?? p;
    return [0, 1, 2].map((k) => p[k]! + (q[k]! - p[k]!) * share) as unknown as Vec3;
  });
}

/** The pose at `time_s` of a clip of even rate, mixed from its two neighbours. */
export function poseAt(frames: readonly Vec3[][], rateHz: number, timeS: number): Vec3[] {
  const at = Math.min(Math.max(0, timeS * rateHz), frames.length - 1);
  const first = Math.floor(at);
  const a = frames[first] ?? [];
  return blend(a, frames[first + 1] ?? a, at - first);
}
