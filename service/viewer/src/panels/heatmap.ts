/** Joints × time: what each joint's movement said for or against the label, and when. */

import { fitted, type Pen } from "../page/canvas";
import { css, diverging, scaleOf, type Theme } from "../page/colour";
import { jointName } from "../page/wording";
import type { HeatmapData } from "../state/joint_heat";

const NAMES_PX = 92;
const TOTALS_PX = 46;
const FOOT_PX = 16;
/** Sums of less, in logits, are drawn as small as they are: a still body's are next to nothing. */
const LEAST_SUM = 0.1;

interface Area {
  x: number;
  width: number;
  height: number;
  row: number;
}

export class Heatmap {
  private scale = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  draw(data: HeatmapData | null, theme: Theme): void {
    const pen = fitted(this.canvas);
    if (!pen || !data || data.rows.length === 0) return;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const plot = height - FOOT_PX;
    const area: Area = {
      x: NAMES_PX,
      width: width - NAMES_PX - TOTALS_PX,
      height: plot,
      row: plot / data.rows.length,
    };
    this.follow(data);
    this.drawNames(pen, data, area, theme);
    this.drawCells(pen, data, area, theme);
    drawTotals(pen, data, area, theme);
    drawFoot(pen, data, area, theme);
  }

  /** The scale falls slowly, so that colours do not pump from one moment to the next. */
  private follow(data: HeatmapData): void {
    const wanted = Math.max(...data.rows.map((row) => scaleOf(row)));
    this.scale = data.playhead === null ? Math.max(wanted, this.scale * 0.97) : wanted;
  }

  private drawNames(pen: Pen, data: HeatmapData, area: Area, theme: Theme): void {
    pen.font = `${Math.min(11, area.row * 0.86)}px system-ui, sans-serif`;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const most = scaleOf(data.totals, LEAST_SUM);
    data.joints.forEach((name, j) => {
      const weighty = Math.abs(data.totals[j] ?? 0) > 0.5 * most;
      pen.fillStyle = weighty ? theme.text : theme.faint;
      pen.fillText(jointName(name), area.x - 6, (j + 0.5) * area.row);
    });
  }

  private drawCells(pen: Pen, data: HeatmapData, area: Area, theme: Theme): void {
    data.rows.forEach((row, j) => {
      const step = area.width / Math.max(1, row.length);
      const gap = step > 6 ? 1 : 0;
      row.forEach((value, t) => {
        pen.fillStyle = css(diverging(theme, value / this.scale));
        pen.fillRect(area.x + t * step, j * area.row, step - gap + (gap ? 0 : 0.5), area.row - 1);
      });
    });
    if (data.playhead === null) return;
    pen.fillStyle = theme.text;
    pen.fillRect(area.x + data.playhead * area.width - 1, 0, 2, area.height);
  }
}

function drawTotals(pen: Pen, data: HeatmapData, area: Area, theme: Theme): void {
  const most = scaleOf(data.totals, LEAST_SUM);
  const x = area.x + area.width + 6;
  data.totals.forEach((total, j) => {
    const length = (Math.abs(total) / most) * (TOTALS_PX - 8);
    pen.fillStyle = css(total >= 0 ? theme.for : theme.against);
    pen.fillRect(x, j * area.row + area.row * 0.2, Math.max(1, length), area.row * 0.55);
  });
}

function drawFoot(pen: Pen, data: HeatmapData, area: Area, theme: Theme): void {
  pen.font = "11px system-ui, sans-serif";
  pen.fillStyle = theme.faint;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  pen.fillText(data.start, area.x, area.height + 12);
  pen.textAlign = "right";
  pen.fillText(data.end, area.x + area.width, area.height + 12);
  pen.textAlign = "left";
  pen.fillText("sum", area.x + area.width + 6, area.height + 12);
}
