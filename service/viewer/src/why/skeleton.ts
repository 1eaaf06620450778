/** The skeleton of an explained action on a 2D canvas, with joints that glow. */

import type { Vec3 } from "../wire/messages";
import type { WhyAnswer, WhyFrames } from "../wire/why";
import { fitted, type Pen } from "../page/canvas";
import { bodyColour, css, mix, type Rgb, rgbOf, type Theme } from "../page/colour";
import { PART_COLOURS } from "../state/joint_parts";
import { litAt, litBy, type TimeSpan } from "../state/why_data";
import { pictureX, poseAt } from "../scene/space";
import type { Pointed } from "./focus";

type Point = readonly [number, number];

const HEAD_M = 0.085;
const MARGIN_PX = 18;
const SMALLEST_M = 0.6;
/** The least glow that is drawn around a joint. */
const HALO_FROM = 0.08;
/** A joint that glows most is larger by this share. */
const GROWTH = 0.4;

/** The box that the body stays in during `span`, in the picture's metres. */
interface Box {
  left: number;
  right: number;
  low: number;
  high: number;
}

export class Skeleton {
  private box: Box | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** Fits the picture to an action, so that the body stands still while the limbs move. */
  fit(frames: WhyFrames, span: TimeSpan): void {
    this.box = boxOf(frames, span);
  }

  draw(answer: WhyAnswer, timeS: number, pointed: Pointed | null, theme: Theme): void {
    const { frames, joint_names: names } = answer;
    const pen = fitted(this.canvas);
    if (!pen || !frames || !this.box) return;
    const pose = poseAt(frames.joints_m, frames.rate_hz, timeS - frames.start_s);
    const frame = Math.round((timeS - frames.start_s) * frames.rate_hz);
    const last = frames.seen.length - 1;
    const seen = frames.seen[Math.min(last, Math.max(0, frame))] ?? [];
    const { toPoint, zoom } = placing(this.box, this.canvas);
    const points = pose.map(toPoint);
    drawBones(
      pen,
      points,
      frames.bones.filter(([a, b]) => seen[a] && seen[b]),
      zoom,
      theme,
    );
    const lit = pointed ? litBy(names, pointed.joints) : litAt(answer, timeS);
    points.forEach((point, j) => {
      if (!seen[j]) return;
      const glow = lit[j] ?? 0;
      // A head is large enough without growing.
      const grown = names[j] === "Head" ? 1 : 1 + GROWTH * Math.min(1, Math.abs(glow));
      const radius = names[j] === "Head" ? HEAD_M * zoom : Math.max(3.5, 0.024 * zoom);
      drawJoint(pen, point, radius * grown, glow, glowColour(pointed, glow, theme), theme);
    });
  }
}

function boxOf(
  { joints_m: poses, seen, rate_hz: rateHz, start_s: startS }: WhyFrames,
  span: TimeSpan,
) {
  const frame = (timeS: number) => Math.max(0, Math.round((timeS - startS) * rateHz));
  const [from, to] = [frame(span.startS), frame(span.endS) + 1];
  const box: Box = { left: Infinity, right: -Infinity, low: Infinity, high: -Infinity };
  poses.slice(from, to).forEach((pose, f) => {
    pose.forEach((joint, j) => {
      if (!seen[from + f]?.[j]) return;
      const x = pictureX(joint, false);
      [box.left, box.right] = [Math.min(box.left, x), Math.max(box.right, x)];
      [box.low, box.high] = [Math.min(box.low, joint[1]), Math.max(box.high, joint[1] + HEAD_M)];
    });
  });
  return box.left <= box.right ? box : null;
}

function placing(box: Box, canvas: HTMLCanvasElement) {
  const [width, height] = [canvas.clientWidth - 2 * MARGIN_PX, canvas.clientHeight - 2 * MARGIN_PX];
  const across = width / Math.max(SMALLEST_M, box.right - box.left);
  const zoom = Math.max(1, Math.min(across, height / Math.max(SMALLEST_M, box.high - box.low)));
  const [x, y] = [(box.left + box.right) / 2, (box.low + box.high) / 2];
  const toPoint = (joint: Vec3): Point => [
    canvas.clientWidth / 2 + (pictureX(joint, false) - x) * zoom,
    canvas.clientHeight / 2 - (joint[1] - y) * zoom,
  ];
  return { toPoint, zoom };
}

function drawBones(
  pen: Pen,
  points: readonly Point[],
  bones: readonly [number, number][],
  zoom: number,
  theme: Theme,
): void {
  pen.lineCap = "round";
  pen.lineWidth = Math.max(3, 0.035 * zoom);
  pen.strokeStyle = css(mix(theme.bone, theme.neutral, 0.35));
  pen.beginPath();
  for (const [a, b] of bones) {
    pen.moveTo(...points[a]!);
    pen.lineTo(...points[b]!);
  }
  pen.stroke();
}

/** The colour of a part that is pointed at, or orange for the label and blue against it. */
function glowColour(pointed: Pointed | null, lit: number, theme: Theme): Rgb {
  if (pointed) return rgbOf(bodyColour(theme, PART_COLOURS[pointed.part]));
  return lit >= 0 ? theme.for : theme.against;
}

function drawJoint(
  pen: Pen,
  [x, y]: Point,
  radius: number,
  lit: number,
  colour: Rgb,
  theme: Theme,
): void {
  const strength = Math.min(1, Math.abs(lit));
  const disc = (size: number) => {
    pen.beginPath();
    pen.arc(x, y, size, 0, 2 * Math.PI);
    pen.fill();
  };
  if (strength >= HALO_FROM) {
    pen.globalAlpha = 0.32;
    pen.fillStyle = css(colour);
    disc(radius + 4 + 9 * strength);
    pen.globalAlpha = 1;
  }
  pen.fillStyle = css(mix(theme.bone, colour, strength ** 0.6));
  disc(radius);
}
