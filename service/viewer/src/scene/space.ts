/**
 * Poses in camera space, and how they are placed in the scene.
 *
 * Camera space: metres, x to the sensor's left, y up, z away from the sensor. It is right-handed,
 * as three.js is. A viewer at the sensor who looks along +z sees the sensor's picture: smaller x is
 * on the right, on the side of the left hand of a person who faces the sensor.
 */

import type { Vec3 } from "../wire/messages";

/** The position of a joint in the scene; `mirror` shows the person as in a mirror at the sensor. */
export function place(joint: Vec3, mirror: boolean): Vec3 {
  return mirror ? [-joint[0], joint[1], joint[2]] : joint;
}

/** The horizontal position of a joint in a 2D picture seen from the sensor; right is positive. */
export function pictureX(joint: Vec3, mirror: boolean): number {
  return mirror ? joint[0] : -joint[0];
}

const RISE_S = 4;

/** The height of the floor in metres. It drops to a lower foot at once and rises slowly. */
export class Floor {
  height: number | null = null;

  /** Takes the lowest height seen in the last `dtS` seconds and returns the floor's height. */
  update(lowest: number, dtS: number): number {
    const before = this.height ?? lowest;
    const share = lowest < before ? 1 : 1 - Math.exp(-dtS / RISE_S);
    this.height = before + (lowest - before) * share;
    return this.height;
  }
}

/** The lowest y of the joints that were seen, or null if none was. */
export function lowestOf(
  joints: readonly Vec3[],
  confidence: readonly number[] | null,
): number | null {
  const seen = joints.filter((_, j) => !confidence || confidence[j]! > 0);
  return seen.length > 0 ? Math.min(...seen.map((joint) => joint[1])) : null;
}

/** Blends two poses of J joints: `share` 0 is `a`, 1 is `b`. */
export function blend(a: readonly Vec3[], b: readonly Vec3[], share: number): Vec3[] {
  return a.map((p, j) => {
    const q = b[j] ?? p;
    return [0, 1, 2].map((k) => p[k]! + (q[k]! - p[k]!) * share) as unknown as Vec3;
  });
}

/**
 * The pose at `timeS` of a clip of T frames at an even rate, interpolated between two frames. A
 * joint that the later frame has not seen (confidence 0) stays where the earlier frame has it.
 */
export function poseAt(
  frames: readonly Vec3[][],
  rateHz: number,
  timeS: number,
  confidence: readonly number[][] = [],
): Vec3[] {
  const at = Math.min(Math.max(0, timeS * rateHz), frames.length - 1);
  const first = Math.floor(at);
  const a = frames[first] ?? [];
  const sure = confidence[first + 1];
  const b = (frames[first + 1] ?? a).map((joint, j) => (sure?.[j] === 0 ? a[j]! : joint));
  return blend(a, b, at - first);
}

/** Joints of the trunk, and the two joints whose middle replaces each if it is missing. */
const BETWEEN: [string, string, string][] = [
  ["SpineShoulder", "ShoulderLeft", "ShoulderRight"],
  ["SpineBase", "HipLeft", "HipRight"],
  ["SpineMid", "SpineBase", "SpineShoulder"],
  ["Neck", "SpineShoulder", "Head"],
];

/**
 * The pose with missing trunk joints filled in, for drawing only. Some sensors do not give every
 * joint of the spine, and a person drawn in two halves is hard to read. `seen` says which joints
 * may be drawn.
 */
export function bridged(
  names: readonly string[],
  joints: readonly Vec3[],
  confidence: readonly number[] | null,
): { joints: Vec3[]; seen: boolean[] } {
  const out = [...joints];
  const seen = names.map((_, j) => out[j] !== undefined && (confidence?.[j] ?? 1) > 0);
  for (const [name, first, second] of BETWEEN) {
    const [j, a, b] = [names.indexOf(name), names.indexOf(first), names.indexOf(second)];
    if (j < 0 || seen[j] || !seen[a] || !seen[b]) continue;
    out[j] = blend([out[a]!], [out[b]!], 0.5)[0]!;
    seen[j] = true;
  }
  return { joints: out, seen };
}
