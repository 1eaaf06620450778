/** The heat map: joints × time, coloured by the relevance for or against the label. */

import { fitted, type Pen } from "../page/canvas";
import { css, diverging, scaleOf, type Theme } from "../page/colour";
import { jointName } from "../page/wording";
import type { HeatmapData } from "../state/joint_heat";

const NAMES_PX = 92;
const TOTALS_PX = 46;
const FOOT_PX = 16;
const NAME_PX = 11;
/** The lowest row that a name fits into. */
const LEAST_ROW_PX = 13;
const FONT = "system-ui, sans-serif";
/** The sum, in logits, of a full bar is at least this: the sums of a still body stay small. */
const LEAST_SUM = 0.1;
/** The colour scale falls by this factor at each drawing, so that colours do not flicker. */
const SCALE_DECAY = 0.97;

/** The place of the cells: the left edge, the size, and the height of a row. */
interface Area {
  x: number;
  width: number;
  height: number;
  row: number;
}

export class Heatmap {
  private scale = 0;

  /** The canvas fills `box`. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly box: HTMLElement,
  ) {}

  /** Draws the map. Without data the canvas stays empty. */
  draw(data: HeatmapData | null, theme: Theme): void {
    if (data) this.box.style.minHeight = `${data.rows.length * LEAST_ROW_PX + FOOT_PX}px`;
    const pen = fitted(this.canvas);
    if (!pen || !data || data.rows.length === 0) return;
    const height = this.canvas.clientHeight - FOOT_PX;
    const width = this.canvas.clientWidth - NAMES_PX - TOTALS_PX;
    const area = { x: NAMES_PX, width, height, row: height / data.rows.length };
    this.adaptScale(data);
    drawNames(pen, data, area, theme);
    drawCells(pen, data, area, this.scale, theme);
    drawPlayhead(pen, data, area, theme);
    drawTotals(pen, data, area, theme);
    drawFoot(pen, data, area, theme);
  }

  private adaptScale(data: HeatmapData): void {
    const wanted = Math.max(...data.rows.map((row) => scaleOf(row)));
    this.scale = data.playhead === null ? Math.max(wanted, this.scale * SCALE_DECAY) : wanted;
  }
}

function drawNames(pen: Pen, data: HeatmapData, area: Area, theme: Theme): void {
  pen.font = `${NAME_PX}px ${FONT}`;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  const most = scaleOf(data.totals, LEAST_SUM);
  data.joints.forEach((name, j) => {
    const strong = Math.abs(data.totals[j] ?? 0) > 0.5 * most;
    pen.fillStyle = strong ? theme.text : theme.faint;
    pen.fillText(jointName(name), area.x - 6, (j + 0.5) * area.row);
  });
}

function drawCells(pen: Pen, data: HeatmapData, area: Area, scale: number, theme: Theme): void {
  data.rows.forEach((row, j) => {
    const step = area.width / Math.max(1, row.length);
    // Wide cells have a gap between them; narrow ones overlap a little instead of showing seams.
    const width = step > 6 ? step - 1 : step + 0.5;
    row.forEach((value, t) => {
      pen.fillStyle = css(diverging(theme, value / scale));
      pen.fillRect(area.x + t * step, j * area.row, width, area.row - 1);
    });
  });
}

function drawPlayhead(pen: Pen, data: HeatmapData, area: Area, theme: Theme): void {
  if (data.playhead === null) return;
  pen.fillStyle = theme.text;
  pen.fillRect(area.x + data.playhead * area.width - 1, 0, 2, area.height);
}

function drawTotals(pen: Pen, data: HeatmapData, area: Area, theme: Theme): void {
  const most = scaleOf(data.totals, LEAST_SUM);
  const x = area.x + area.width + 6;
  data.totals.forEach((total, j) => {
    if (total === 0) return;
    const length = (Math.abs(total) / most) * (TOTALS_PX - 8);
    pen.fillStyle = css(total >= 0 ? theme.for : theme.against);
    pen.fillRect(x, j * area.row + area.row * 0.2, Math.max(1, length), area.row * 0.55);
  });
}

function drawFoot(pen: Pen, data: HeatmapData, area: Area, theme: Theme): void {
  pen.font = `${NAME_PX}px ${FONT}`;
  pen.fillStyle = theme.faint;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  pen.fillText(data.start, area.x, area.height + 12);
  pen.textAlign = "right";
  pen.fillText(data.end, area.x + area.width, area.height + 12);
  pen.textAlign = "left";
  if (data.start !== "") pen.fillText("sum", area.x + area.width + 6, area.height + 12);
}
