/** The timeline's drawing: actions as bands in lanes, on the time axis of the plot below. */

import { fitted, type Pen } from "../page/canvas";
import { bodyColour, type Theme } from "../page/colour";
import { readable, shortened } from "../page/wording";
import { laneCount } from "../state/lanes";
import type { TimeAxis } from "../state/screen";
import type { Band } from "../state/timeline";

/** The margins that bands and plot share, so that their times stand under each other. */
export const GUTTER_PX = 40;
export const MARGIN_PX = 14;

const LANE_PX = 18;
const LEAST_PX = 44;
const MOST_PX = 8 * LANE_PX;
/** The least lane that words fit into, with the gap to the next one. */
const WORDS_PX = 16;
const GAP_PX = 4;

/** Where things lie on the canvas: the height of a lane, its right end, the x of a moment. */
interface Place {
  lanes: number;
  lane: number;
  right: number;
  toX: (ns: number) => number;
}

/** The height of a timeline of so many lanes; where there are very many they get lower instead. */
export function heightOf(lanes: number): number {
  return Math.min(MOST_PX, Math.max(LEAST_PX, lanes * LANE_PX));
}

/** When the next band in the lane of `band` begins, or the axis ends. */
export function freeUntil(band: Band, view: TimeAxis): number {
  const lane = view.lanes.get(band.key);
  const later = view.bands.filter(
    (other) => view.lanes.get(other.key) === lane && other.startNs > band.startNs,
  );
  return later.reduce((least, { startNs }) => Math.min(least, startNs), view.endNs);
}

export class BandCanvas {
  constructor(private readonly canvas: HTMLCanvasElement) {}

  draw(view: TimeAxis, theme: Theme): void {
    const lanes = laneCount(view.lanes);
    const height = heightOf(lanes);
    this.canvas.style.height = `${height}px`;
    const pen = fitted(this.canvas);
    if (!pen) return;
    const right = this.canvas.clientWidth - MARGIN_PX;
    const perNs = (right - GUTTER_PX) / (view.endNs - view.startNs);
    const toX = (ns: number) => GUTTER_PX + (ns - view.startNs) * perNs;
    const place: Place = { lanes, lane: height / lanes, right, toX };
    drawLanes(pen, place, theme);
    pen.save();
    pen.beginPath();
    pen.rect(GUTTER_PX, 0, right - GUTTER_PX, height);
    pen.clip();
    for (const band of view.bands) drawBand(pen, band, view, place, theme);
    pen.restore();
    if (view.playheadNs !== null) {
      pen.fillStyle = theme.text;
      pen.fillRect(toX(view.playheadNs) - 1, 0, 2, height);
    }
  }

  /** The moment under a pointer's x, in nanoseconds. */
  momentAt(clientX: number, view: { startNs: number; endNs: number }): number {
    const box = this.canvas.getBoundingClientRect();
    const share = (clientX - box.left - GUTTER_PX) / (box.width - GUTTER_PX - MARGIN_PX);
    return view.startNs + Math.max(0, Math.min(1, share)) * (view.endNs - view.startNs);
  }
}

function drawLanes(pen: Pen, { lanes, lane, right }: Place, theme: Theme): void {
  pen.fillStyle = theme.line;
  pen.globalAlpha = 0.35;
  for (let i = 0; i < lanes; i += 1) {
    rounded(pen, GUTTER_PX, i * lane + GAP_PX / 2, right - GUTTER_PX, lane - GAP_PX);
  }
  pen.globalAlpha = 1;
}

function drawBand(pen: Pen, band: Band, view: TimeAxis, place: Place, theme: Theme): void {
  const { lane, toX } = place;
  const [left, right] = [toX(band.startNs), toX(band.endNs ?? view.endNs)];
  if (right < GUTTER_PX) return;
  const top = (view.lanes.get(band.key) ?? 0) * lane + GAP_PX / 2;
  const tall = lane - GAP_PX;
  pen.globalAlpha = theme.dark ? 0.34 : 0.22;
  pen.fillStyle = bodyColour(theme, view.colourOf(band.key));
  rounded(pen, left, top, Math.max(3, right - left - 1), tall);
  pen.globalAlpha = 1;
  pen.fillRect(left, top, 3, tall);
  if (band.endNs === null) pen.fillRect(right - 3, top, 3, tall);
  if (lane < WORDS_PX) return;
  const x = Math.max(left, GUTTER_PX) + 7;
  write(pen, readable(band.label), x, top + tall / 2, toX(freeUntil(band, view)) - x - 3, theme);
}

function rounded(pen: Pen, x: number, y: number, width: number, height: number): void {
  pen.beginPath();
  pen.roundRect(x, y, width, Math.max(1, height), 4);
  pen.fill();
}

/** A short band's words may run on into the free time after it, but not into the next band. */
function write(pen: Pen, text: string, x: number, y: number, room: number, theme: Theme): void {
  pen.font = "600 12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  pen.fillStyle = theme.text;
  pen.fillText(
    shortened(text, (part) => pen.measureText(part).width <= room),
    x,
    y + 0.5,
  );
}
