/** The figures of a unit: the filter as a movement, as velocities, and the moments that excite it. */

import type { Atlas, AtlasUnit } from "../wire/atlas";
import type { Exemplar } from "../wire/answers";
import type { LayoutInfo, Vec3 } from "../wire/messages";
import { fitted, type Pen } from "../page/canvas";
import { css, type Theme } from "../page/colour";
import { blend, pictureX, poseAt } from "../scene/space";
import { drawPose, type Extent, extentOf, type Point } from "../panels/stick_figure";
import { drawable, loopShare, readJoints, type Span } from "./view";

const MOVE_MS = 1200;
const REST_MS = 500;
const LONGEST_ARROW_M = 0.25;
/** A shorter arrow, relative to the longest one, is not drawn. */
const LEAST_ARROW = 0.2;
const FILL = 0.88;

/** Draws the filter figures of one unit. All of them share one extent. */
export class FilterFigures {
  private readonly rest: Vec3[];
  private readonly moved: Vec3[][];
  private readonly arrows: Vec3[];
  private readonly confidence: number[];
  private readonly extent: Extent;
  private readonly strong: number[];

  constructor(
    private readonly atlas: Atlas,
    unit: AtlasUnit,
  ) {
    this.confidence = readJoints(atlas);
    this.rest = drawable(atlas, atlas.pose_m);
    this.moved = unit.displaced_m.map((pose) => drawable(atlas, pose));
    this.arrows = arrowsOf(drawable(atlas, unit.velocities));
    this.strong = groupIndices(atlas.layout, unit);
    const frames = [this.rest, ...this.moved];
    const motion = { label: "", rate_hz: 1, joints_m: frames, confidence: this.confidence };
    this.extent = extentOf(motion);
  }

  /** The mean pose, and in front of it the pose that the filter displaces. */
  drawMovement(canvas: HTMLCanvasElement, nowMs: number | null, theme: Theme): void {
    const pen = centred(canvas);
    if (!pen) return;
    const share = nowMs === null ? 1 : loopShare(nowMs, MOVE_MS, REST_MS);
    const pose = frameAt(this.moved, share);
    pen.globalAlpha = 0.35;
    this.pose(pen, canvas, this.rest, css(theme.bone));
    pen.globalAlpha = 1;
    const points = this.pose(pen, canvas, pose, css(theme.bone));
    dots(pen, points, this.strong, css(theme.for));
  }

  /** The mean pose with an arrow for each joint that moves. */
  drawVelocities(canvas: HTMLCanvasElement, theme: Theme): void {
    const pen = centred(canvas);
    if (!pen) return;
    const points = this.pose(pen, canvas, this.rest, css(theme.bone));
    const zoom = this.extent.scale * sizeOf(canvas);
    this.arrows.forEach((arrow, j) => {
      if (!this.confidence[j] || !points[j]) return;
      const across: Point = [pictureX(arrow, false) * zoom, -arrow[1] * zoom];
      drawArrow(pen, points[j], across, css(theme.for));
    });
  }

  private pose(pen: Pen, canvas: HTMLCanvasElement, pose: Vec3[], colour: string): Point[] {
    const { layout } = this.atlas;
    return drawPose(pen, pose, this.confidence, layout, this.extent, sizeOf(canvas), colour);
  }
}

/** A moment of an averaged motion, playing. `motion` is turned already. */
export interface PlayedMoment {
  motion: Exemplar;
  extent: Extent;
  span: Span;
}

/** Draws the moment in a loop, or still at its newest frame. The read part is coloured. */
export function drawMoment(
  canvas: HTMLCanvasElement,
  { motion, extent, span }: PlayedMoment,
  nowMs: number | null,
  layout: LayoutInfo,
  strong: readonly number[],
  theme: Theme,
): void {
  const pen = centred(canvas);
  if (!pen) return;
  const length = span.end - span.start;
  const share = nowMs === null ? 0 : loopShare(nowMs, length * 2000, REST_MS);
  const timeS = nowMs === null ? span.readTo : span.start + share * length;
  const reading = timeS >= span.readFrom && timeS <= span.readTo;
  const pose = poseAt(motion.joints_m, motion.rate_hz, timeS);
  const colour = css(reading ? theme.for : theme.bone);
  const size = sizeOf(canvas);
  const points = drawPose(pen, pose, motion.confidence, layout, extent, size, colour);
  dots(pen, points, strong, theme.text);
}

/** The indices in the layout of the joints of a unit's group. */
export function groupIndices(layout: LayoutInfo, unit: AtlasUnit): number[] {
  return unit.joints.map(({ joint }) => layout.joints.indexOf(joint)).filter((j) => j >= 0);
}

/** Velocities as arrows: the longest is `LONGEST_ARROW_M`, short ones are zero. */
export function arrowsOf(velocities: readonly Vec3[]): Vec3[] {
  const lengths = velocities.map((v) => Math.hypot(...v));
  const longest = Math.max(...lengths, 1e-12);
  return velocities.map((v, j) => {
    const factor = lengths[j]! < LEAST_ARROW * longest ? 0 : LONGEST_ARROW_M / longest;
    return [v[0] * factor, v[1] * factor, v[2] * factor];
  });
}

/** The pose at a share of a motion, between two frames. */
function frameAt(frames: readonly Vec3[][], share: number): Vec3[] {
  const at = share * (frames.length - 1);
  const first = Math.floor(at);
  const a = frames[first] ?? [];
  return blend(a, frames[first + 1] ?? a, at - first);
}

function drawArrow(pen: Pen, [x, y]: Point, [dx, dy]: Point, colour: string): void {
  const length = Math.hypot(dx, dy);
  if (length < 2) return;
  const head = Math.min(6, length / 2);
  const angle = Math.atan2(dy, dx);
  const side = (turn: number): Point => [
    x + dx - head * Math.cos(angle + turn),
    y + dy - head * Math.sin(angle + turn),
  ];
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x + dx, y + dy);
  pen.moveTo(...side(0.5));
  pen.lineTo(x + dx, y + dy);
  pen.lineTo(...side(-0.5));
  pen.stroke();
}

function dots(pen: Pen, points: readonly Point[], which: readonly number[], colour: string): void {
  pen.fillStyle = colour;
  for (const j of which) {
    if (!points[j]) continue;
    pen.beginPath();
    pen.arc(points[j][0], points[j][1], 3, 0, 2 * Math.PI);
    pen.fill();
  }
}

/** A cleared pen whose origin is the middle of the canvas. */
function centred(canvas: HTMLCanvasElement): Pen | null {
  const pen = fitted(canvas);
  pen?.translate(canvas.clientWidth / 2, canvas.clientHeight / 2);
  return pen;
}

const sizeOf = (canvas: HTMLCanvasElement): number =>
  Math.min(canvas.clientWidth, canvas.clientHeight) * FILL;
