/**
 * From camera space to the scene. Camera space (metres, y up, z away from the sensor, x to the
 * sensor's left) is right-handed as three.js is, so a viewer at the sensor who looks along +z sees
 * what the sensor sees: smaller x on the right, where the left hand of a facing person is.
 */

import type { Vec3 } from "../wire/messages";

/** Where a joint is drawn; `mirror` shows the person as a mirror on the sensor's place would. */
export function place(joint: Vec3, mirror: boolean): Vec3 {
  return mirror ? [-joint[0], joint[1], joint[2]] : joint;
}

/** Right of the picture, from the sensor's place: the page's own measure for 2D drawings. */
export function pictureX(joint: Vec3, mirror: boolean): number {
  return mirror ? joint[0] : -joint[0];
}

const RISE_S = 4;

/** The height of the floor: it sinks at once under the lowest foot and rises slowly. */
export class Floor {
  height: number | null = null;

  see(lowest: number, dtS: number): number {
    const before = this.height ?? lowest;
    const share = lowest < before ? 1 : 1 - Math.exp(-dtS / RISE_S);
    this.height = before + (lowest - before) * share;
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

/**
 * The pose at `timeS` of a clip of even rate, mixed from its two neighbours. A joint that the
 * later one has not seen, by `confidence`, stays where the earlier one has it.
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

/** What stands in for a joint of the trunk that is not given: the middle of two others. */
const BETWEEN: [string, string, string][] = [
  ["SpineShoulder", "ShoulderLeft", "ShoulderRight"],
  ["SpineBase", "HipLeft", "HipRight"],
  ["SpineMid", "SpineBase", "SpineShoulder"],
  ["Neck", "SpineShoulder", "Head"],
];

/**
 * The pose with its trunk closed, for drawing only: not every sensor gives every joint of the
 * spine, and a person in two halves is hard to read. `seen` says which joints may be drawn.
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
