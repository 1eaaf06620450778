/** The timeline on the page: actions as bands in lanes. Its time axis is that of the plot below. */

import { fitted, type Pen } from "../page/canvas";
import { bodyColour, type Theme } from "../page/colour";
import { readable, wrapped } from "../page/wording";
import { laneCount } from "../state/lanes";
import type { TimeAxis } from "../state/screen";
import { type Band, isSame } from "../state/timeline";

/** The left and right margins that bands and plot share, so that their time axes agree. */
export const GUTTER_PX = 40;
export const MARGIN_PX = 14;

const LANE_PX = 18;
const LEAST_PX = 44;
const MOST_PX = 8 * LANE_PX;
/** The lowest lane that has room for words. */
const WORDS_PX = 16;
/** The height of a line of words in a band. */
const LINE_PX = 14;
const GAP_PX = 4;
const LEAST_TEXT_PX = 11;
/** A shorter band is as wide as this for the pointer. */
const TARGET_PX = 24;

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The layout of the canvas: the number of lanes, their height and right end, the x of a time. */
interface Layout {
  lanes: number;
  lane: number;
  right: number;
  toX: (ns: number) => number;
}

/** The height of a timeline with this many lanes. Beyond a limit, lanes get lower instead. */
export function heightOf(lanes: number): number {
  return Math.min(MOST_PX, Math.max(LEAST_PX, lanes * LANE_PX));
}

/** The time when the next band in the lane of `band` begins, or the axis ends. */
export function freeUntil(band: Band, view: TimeAxis): number {
  const lane = view.lanes.get(band.key);
  const later = view.bands.filter(
    (other) => view.lanes.get(other.key) === lane && other.startNs > band.startNs,
  );
  return later.reduce((least, { startNs }) => Math.min(least, startNs), view.endNs);
}

/** A canvas that draws the bands of a time axis. */
export class BandCanvas {
  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** Draws the bands; `marked` has a frame. */
  draw(view: TimeAxis, theme: Theme, marked: Band | null = null): void {
    const height = heightOf(laneCount(view.lanes));
    this.canvas.style.height = `${height}px`;
    const pen = fitted(this.canvas);
    if (!pen) return;
    const layout = layoutOf(view, this.canvas.clientWidth, height);
    drawLanes(pen, layout, theme);
    if (layout.lanes > 1) drawNumbers(pen, view, layout, theme);
    drawBands(pen, view, layout, theme);
    const shown = marked && view.bands.find((band) => isSame(band, marked));
    if (shown) drawMark(pen, shown, view, layout, theme);
    if (view.playheadNs === null) return;
    pen.fillStyle = theme.text;
    pen.fillRect(layout.toX(view.playheadNs) - 1, 0, 2, height);
  }

  /** The band under the pointer, or null. */
  bandAt(clientX: number, clientY: number, view: TimeAxis): Band | null {
    const box = this.canvas.getBoundingClientRect();
    const { toX, lane } = layoutOf(view, box.width, box.height);
    const [x, at] = [clientX - box.left, Math.floor((clientY - box.top) / lane)];
    const isHit = (band: Band) => {
      const left = toX(band.startNs);
      const right = Math.max(toX(band.endNs ?? view.endNs), left + TARGET_PX);
      return view.lanes.get(band.key) === at && left <= x && x <= right;
    };
    return view.bands.findLast(isHit) ?? null;
  }

  /** The time under the pointer, in nanoseconds. */
  timeAt(clientX: number, view: { startNs: number; endNs: number }): number {
    const box = this.canvas.getBoundingClientRect();
    const share = (clientX - box.left - GUTTER_PX) / (box.width - GUTTER_PX - MARGIN_PX);
    return view.startNs + Math.max(0, Math.min(1, share)) * (view.endNs - view.startNs);
  }
}

function drawMark(pen: Pen, band: Band, view: TimeAxis, layout: Layout, theme: Theme): void {
  const left = Math.max(GUTTER_PX, layout.toX(band.startNs));
  const right = Math.min(layout.right, layout.toX(band.endNs ?? view.endNs));
  const top = (view.lanes.get(band.key) ?? 0) * layout.lane + 1;
  pen.strokeStyle = theme.text;
  pen.lineWidth = 2;
  pen.strokeRect(left, top, Math.max(4, right - left), layout.lane - 2);
}

function layoutOf(view: TimeAxis, width: number, height: number): Layout {
  const lanes = laneCount(view.lanes);
  const right = width - MARGIN_PX;
  const perNs = (right - GUTTER_PX) / (view.endNs - view.startNs);
  const toX = (ns: number) => GUTTER_PX + (ns - view.startNs) * perNs;
  return { lanes, lane: height / lanes, right, toX };
}

function drawLanes(pen: Pen, { lanes, lane, right }: Layout, theme: Theme): void {
  pen.fillStyle = theme.line;
  pen.globalAlpha = 0.35;
  for (let i = 0; i < lanes; i += 1) {
    rounded(pen, GUTTER_PX, i * lane + GAP_PX / 2, right - GUTTER_PX, lane - GAP_PX);
  }
  pen.globalAlpha = 1;
}

/** Writes the number of each lane's last body at the left of the lane. */
function drawNumbers(pen: Pen, view: TimeAxis, { lane }: Layout, theme: Theme): void {
  if (lane < LEAST_TEXT_PX) return;
  pen.font = `700 ${LEAST_TEXT_PX}px system-ui, sans-serif`;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  for (const [at, key] of newestOf(view)) {
    pen.fillStyle = bodyColour(theme, view.colourOf(key));
    pen.fillText(view.numberOf(key), GUTTER_PX - 6, (at + 0.5) * lane + 0.5);
  }
}

/** The last body in each lane: that of the newest band, or a body that has just come. */
export function newestOf({ bands, lanes }: Pick<TimeAxis, "bands" | "lanes">): Map<number, string> {
  const newest = new Map<number, string>();
  const inOrder = [...bands].sort((a, b) => a.startNs - b.startNs);
  for (const { key } of inOrder) newest.set(lanes.get(key) ?? 0, key);
  const acted = new Set(bands.map(({ key }) => key));
  for (const [key, lane] of lanes) if (!acted.has(key)) newest.set(lane, key);
  return newest;
}

/**
 * The words in a band: its label. The number of its body comes first if the lane now has the number
 * of another one.
 */
export function wordsOf({ key, label }: Band, owner: string | undefined, view: TimeAxis): string {
  return owner === key ? readable(label) : `${view.numberOf(key)}:\u00a0${readable(label)}`;
}

/** Draws all bands, clipped to the time axis. */
function drawBands(pen: Pen, view: TimeAxis, layout: Layout, theme: Theme): void {
  const { lanes, lane, right } = layout;
  const owners = newestOf(view);
  pen.save();
  pen.beginPath();
  pen.rect(GUTTER_PX, 0, right - GUTTER_PX, lanes * lane);
  pen.clip();
  for (const band of view.bands) {
    const owner = lanes > 1 ? owners.get(view.lanes.get(band.key) ?? 0) : band.key;
    drawBand(pen, band, wordsOf(band, owner, view), view, layout, theme);
  }
  pen.restore();
}

function drawBand(
  pen: Pen,
  band: Band,
  words: string,
  view: TimeAxis,
  layout: Layout,
  theme: Theme,
): void {
  const { lane, toX } = layout;
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
  const box = { left: x, top, width: toX(freeUntil(band, view)) - x - 3, height: tall };
  write(pen, words, box, theme);
}

function rounded(pen: Pen, x: number, y: number, width: number, height: number): void {
  pen.beginPath();
  pen.roundRect(x, y, width, Math.max(1, height), 4);
  pen.fill();
}

/** Writes as many words as fit into `box`, which may extend past a short band. */
function write(pen: Pen, text: string, box: Box, theme: Theme): void {
  pen.font = "600 12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  pen.fillStyle = theme.text;
  const fits = (part: string) => pen.measureText(part).width <= box.width;
  const lines = wrapped(text, box.height >= 2 * LINE_PX ? 2 : 1, fits);
  const middle = box.top + box.height / 2 + 0.5;
  lines.forEach((line, i) => {
    pen.fillText(line, box.left, middle + (i - (lines.length - 1) / 2) * LINE_PX);
  });
}
