/** The timeline's drawing: actions as bands, a lane a body, on the time axis of the plot below. */

import { bodyColour, type Theme } from "./colour";
import { fitted } from "./heatmap";
import type { TimeAxis } from "./screen";
import { readable } from "./text";
import type { Band } from "./timeline";

/** The margins that bands and plot share, so that their times stand under each other. */
export const GUTTER_PX = 40;
export const MARGIN_PX = 14;

type Pen = CanvasRenderingContext2D;

export class BandCanvas {
  constructor(private readonly canvas: HTMLCanvasElement) {}

  draw(view: TimeAxis, theme: Theme): void {
    const pen = fitted(this.canvas);
    if (!pen) return;
    const width = this.canvas.clientWidth - GUTTER_PX - MARGIN_PX;
    const height = this.canvas.clientHeight;
    const lanes = Math.max(1, view.lanes.length);
    const toX = (ns: number) =>
      GUTTER_PX + ((ns - view.startNs) / (view.endNs - view.startNs)) * width;
    drawLanes(pen, lanes, width, height, theme);
    pen.save();
    pen.beginPath();
    pen.rect(GUTTER_PX, 0, width, height);
    pen.clip();
    view.bands.forEach((band, i) => {
      const next = view.bands.slice(i + 1).find((other) => other.key === band.key);
      const room = next ? toX(next.startNs) : GUTTER_PX + width;
      this.drawBand(pen, band, view, toX, room, height / lanes, theme);
    });
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

  private drawBand(
    pen: Pen,
    band: Band,
    view: TimeAxis,
    toX: (ns: number) => number,
    room: number,
    lane: number,
    theme: Theme,
  ): void {
    const [left, right] = [toX(band.startNs), toX(band.endNs ?? view.endNs)];
    if (right < GUTTER_PX) return;
    const top = Math.max(0, view.lanes.indexOf(band.key)) * lane + 2;
    const wide = Math.max(3, right - left - 1);
    const colour = bodyColour(theme, view.colourOf(band.key));
    pen.globalAlpha = theme.dark ? 0.34 : 0.22;
    pen.fillStyle = colour;
    rounded(pen, left, top, wide, lane - 4);
    pen.globalAlpha = 1;
    pen.fillRect(left, top, 3, lane - 4);
    if (band.endNs === null) pen.fillRect(right - 3, top, 3, lane - 4);
    const x = Math.max(left, GUTTER_PX) + 7;
    write(pen, readable(band.label), x, top, room - x - 3, lane, theme);
  }
}

function drawLanes(pen: Pen, lanes: number, width: number, height: number, theme: Theme): void {
  const lane = height / lanes;
  pen.fillStyle = theme.line;
  pen.globalAlpha = 0.35;
  for (let i = 0; i < lanes; i += 1) rounded(pen, GUTTER_PX, i * lane + 2, width, lane - 4);
  pen.globalAlpha = 1;
}

function rounded(pen: Pen, x: number, y: number, width: number, height: number): void {
  pen.beginPath();
  pen.roundRect(x, y, width, Math.max(1, height), 4);
  pen.fill();
}

/** A short band's words may run on into the free time after it, but not into the next band. */
function write(
  pen: Pen,
  text: string,
  x: number,
  top: number,
  room: number,
  lane: number,
  theme: Theme,
): void {
  if (room < 14) return;
  pen.save();
  pen.beginPath();
  pen.rect(x - 4, top, room + 4, lane);
  pen.clip();
  pen.font = "600 12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  pen.fillStyle = theme.text;
  pen.fillText(text, x, top + (lane - 4) / 2 + 0.5);
  pen.restore();
}
