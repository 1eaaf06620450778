/** The view of an atlas' figures: poses of the joints that the model reads, seen from the side. */

import type { Atlas } from "../wire/atlas";
import type { Exemplar } from "../wire/answers";
import type { Vec3 } from "../wire/messages";

/** Figures are turned by this angle about the vertical axis, so that depth can be seen. */
const TURN_RAD = Math.PI / 5;
const [COS, SIN] = [Math.cos(TURN_RAD), Math.sin(TURN_RAD)];

/** Turns joints about the vertical axis. */
export function turned(joints: readonly Vec3[]): Vec3[] {
  return joints.map(([x, y, z]) => [x * COS - z * SIN, y, z * COS + x * SIN]);
}

/** Turns all frames of a motion. */
export function turnedMotion(motion: Exemplar): Exemplar {
  return { ...motion, joints_m: motion.joints_m.map(turned) };
}

/** A pose of the model's joints as a turned pose of the layout's joints, for drawing. */
export function drawable({ joints, layout }: Atlas, pose: readonly Vec3[]): Vec3[] {
  return turned(layout.joints.map((name) => pose[joints.indexOf(name)] ?? [0, 0, 0]));
}

/** 1 for each joint of the layout that the model reads, 0 for the others. */
export function readJoints({ joints, layout }: Atlas): number[] {
  return layout.joints.map((name) => (joints.includes(name) ? 1 : 0));
}

/** A part of a motion to play in a loop, in seconds, and the part in it that the unit reads. */
export interface Span {
  start: number;
  end: number;
  readFrom: number;
  readTo: number;
}

const BEFORE_S = 0.7;
const AFTER_S = 0.3;

/** The part of a motion of `lengthS` around a moment at which a unit reads `taps` frames. */
export function spanOf(atS: number, taps: number, rateHz: number, lengthS: number): Span {
  const readFrom = Math.max(0, atS - (taps - 1) / rateHz);
  return {
    start: Math.max(0, atS - BEFORE_S),
    end: Math.min(lengthS, atS + AFTER_S),
    readFrom,
    readTo: atS,
  };
}

/** The share 0–1 of a loop of `lengthMs` at a time; it stays at 1 for `restMs`. */
export function loopShare(nowMs: number, lengthMs: number, restMs: number): number {
  return Math.min(1, (nowMs % (lengthMs + restMs)) / lengthMs);
}
