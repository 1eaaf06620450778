/** A small stick figure on a 2D canvas, for the gallery. */

import type { Exemplar } from "../wire/answers";
import type { LayoutInfo, Vec3 } from "../wire/messages";
import type { Pen } from "../page/canvas";
import { css, type Theme } from "../page/colour";
import { bridged, pictureX, poseAt } from "../scene/space";

/** The box of a whole motion: its middle in metres, and the scale that fits it into size 1. */
export interface Extent {
  x: number;
  y: number;
  scale: number;
}

const SMALLEST_M = 0.5;
const HEAD_M = 0.085;

/** Measures the box that the whole motion stays in, so that the drawn figure stands still. */
export function extentOf({ joints_m: frames, confidence }: Exemplar): Extent {
  const seen = frames.flatMap((pose) => pose.filter((_, j) => (confidence[j] ?? 1) > 0));
  const [left, right] = rangeOf(seen.map((joint) => pictureX(joint, false)));
  const [low, high] = rangeOf(seen.map((joint) => joint[1]));
  const scale = 1 / Math.max(right - left, high - low, SMALLEST_M);
  return { x: (left + right) / 2, y: (low + high) / 2, scale };
}

function rangeOf(values: readonly number[]): [number, number] {
  return values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** Draws the pose at `timeS` around the origin of `pen`, `size` pixels large. */
export function drawStickFigure(
  pen: Pen,
  exemplar: Exemplar,
  timeS: number,
  layout: LayoutInfo,
  extent: Extent,
  size: number,
  theme: Theme,
): void {
  const pose = poseAt(exemplar.joints_m, exemplar.rate_hz, timeS);
  drawPose(pen, pose, exemplar.confidence, layout, extent, size, css(theme.bone));
}

/** Draws a pose in one colour, and returns the places of its joints in the picture. */
export function drawPose(
  pen: Pen,
  pose: readonly Vec3[],
  confidence: readonly number[],
  layout: LayoutInfo,
  extent: Extent,
  size: number,
  colour: string,
): Point[] {
  const { joints, seen } = bridged(layout.joints, pose, confidence);
  const zoom = extent.scale * size;
  const points = joints.map((joint): Point => {
    return [(pictureX(joint, false) - extent.x) * zoom, (extent.y - joint[1]) * zoom];
  });
  const bones = layout.bones.filter(([a, b]) => seen[a] && seen[b]);
  drawBones(pen, points, bones, Math.max(2, size * 0.034), colour);
  layout.joints.forEach((name, j) => {
    if (isHead(name) && seen[j]) drawHead(pen, points[j]!, Math.max(3, HEAD_M * zoom), colour);
  });
  return points;
}

/** Whether this is a head, also of one of two people: `A_Head`. */
const isHead = (name: string): boolean => name === "Head" || name.endsWith("_Head");

/** A place in the picture in pixels. */
export type Point = readonly [number, number];

function drawBones(
  pen: Pen,
  points: readonly Point[],
  bones: LayoutInfo["bones"],
  width: number,
  colour: string,
): void {
  pen.lineCap = "round";
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.beginPath();
  for (const [a, b] of bones) {
    pen.moveTo(...points[a]!);
    pen.lineTo(...points[b]!);
  }
  pen.stroke();
}

function drawHead(pen: Pen, [x, y]: Point, radius: number, colour: string): void {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}
