/** One unit's track: its signed values over time. Silence is hatched, so that it is seen too. */

import { fitted, type Pen } from "../page/canvas";
import type { Theme } from "../page/colour";
import { silences, type TimeSpan } from "../state/why_data";

export interface TrackView {
  /** The ends of the moments. */
  times: readonly number[];
  /** The value of a full height, common to all tracks. */
  scale: number;
  span: TimeSpan;
  timeS: number;
  /** A time to shade, or null. */
  shade: TimeSpan | null;
}

const HATCH_PX = 6;
/** The share of the height on each side of the line that hatching fills. */
const HATCH_SHARE = 0.3;

interface Area {
  width: number;
  height: number;
  /** The x of a time, and the x at which a moment begins. */
  toX: (timeS: number) => number;
  edge: (moment: number) => number;
}

export function drawTrack(
  canvas: HTMLCanvasElement,
  values: readonly number[],
  view: TrackView,
  colour: string,
  theme: Theme,
): void {
  const pen = fitted(canvas);
  if (!pen) return;
  const area = areaOf(canvas, view);
  if (view.shade) shade(pen, view.shade, area, theme);
  for (const [from, to] of silences(values, view.scale)) {
    hatch(pen, area.edge(from), area.edge(to), area, theme);
  }
  drawValues(pen, values, view.scale, area, colour);
  pen.fillStyle = theme.faint;
  pen.fillRect(0, area.height / 2 - 0.5, area.width, 1);
  pen.fillStyle = theme.text;
  pen.fillRect(area.toX(view.timeS) - 1, 0, 2, area.height);
}

function areaOf(canvas: HTMLCanvasElement, { times, span }: TrackView): Area {
  const { clientWidth: width, clientHeight: height } = canvas;
  const toX = (timeS: number) => ((timeS - span.startS) / (span.endS - span.startS)) * width;
  const stepS = (times[1] ?? 0) - (times[0] ?? 0);
  const edge = (moment: number) => toX(times[moment - 1] ?? (times[0] ?? 0) - stepS);
  return { width, height, toX, edge };
}

function shade(pen: Pen, { startS, endS }: TimeSpan, { toX, height }: Area, theme: Theme): void {
  pen.globalAlpha = 0.55;
  pen.fillStyle = theme.line;
  pen.fillRect(toX(startS), 0, Math.max(2, toX(endS) - toX(startS)), height);
  pen.globalAlpha = 1;
}

function hatch(pen: Pen, from: number, to: number, { height }: Area, theme: Theme): void {
  const tall = 2 * HATCH_SHARE * height;
  const top = (height - tall) / 2;
  pen.save();
  pen.beginPath();
  pen.rect(from, top, to - from, tall);
  pen.clip();
  pen.globalAlpha = 0.55;
  pen.strokeStyle = theme.faint;
  pen.lineWidth = 1;
  pen.beginPath();
  const first = Math.floor(Math.max(-tall, from - tall) / HATCH_PX) * HATCH_PX;
  for (let x = first; x < to; x += HATCH_PX) {
    pen.moveTo(x, top + tall);
    pen.lineTo(x + tall, top);
  }
  pen.stroke();
  pen.restore();
}

function drawValues(
  pen: Pen,
  values: readonly number[],
  scale: number,
  { height, edge }: Area,
  colour: string,
): void {
  pen.fillStyle = colour;
  values.forEach((value, e) => {
    const tall = (Math.abs(value) / scale) * (height / 2 - 1);
    const top = value >= 0 ? height / 2 - tall : height / 2;
    pen.fillRect(edge(e), top, edge(e + 1) - edge(e) + 0.5, tall);
  });
}
