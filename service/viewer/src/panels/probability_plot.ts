/** The probability of the most likely classes over time, on the time axis of the bands above. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Theme } from "../page/colour";
import { make } from "../page/dom";
import { readable } from "../page/wording";
import type { TimeAxis } from "../state/screen";
import type { Sample } from "../state/stream_view";
import { GUTTER_PX, MARGIN_PX } from "./band_canvas";

/** The number of lines. */
export const SLOTS = 4;

/** A class that never exceeds this probability gets no line. */
const DRAWN_FROM = 0.12;

const PLOT_HEIGHT_PX = 110;

/**
 * Assigns a line to each of the most likely classes in `samples`, without the background. A class
 * keeps the line, and so the colour, that it had in `before`.
 */
export function slotsFor(
  samples: readonly Sample[],
  background: number,
  before: readonly (number | null)[],
): (number | null)[] {
  const peaks = new Map<number, number>();
  for (const { probabilities } of samples) {
    probabilities.forEach((p, c) => {
      if (c !== background && p > (peaks.get(c) ?? DRAWN_FROM)) peaks.set(c, p);
    });
  }
  const ranked = [...peaks].sort((a, b) => b[1] - a[1]).slice(0, SLOTS);
  const wanted = ranked.map(([c]) => c);
  const slots = before.map((c) => (c !== null && wanted.includes(c) ? c : null));
  for (const c of wanted) if (!slots.includes(c)) slots[slots.indexOf(null)] = c;
  return slots;
}

/** A dash pattern for each line. */
const DASHES: (number[] | undefined)[] = [undefined, [8, 4], [2, 4], [10, 3, 2, 3]];

/** The plot and its legend. */
export class ProbabilityPlot {
  private plot: uPlot | null = null;
  private theme: Theme | null = null;
  /** The name of 0 on the time axis. */
  private zero = "now";
  private slots: (number | null)[] = Array.from({ length: SLOTS }, () => null);

  constructor(
    private readonly host: HTMLElement,
    private readonly legend: HTMLElement,
  ) {
    new ResizeObserver(() => this.resize()).observe(host);
  }

  draw(axis: TimeAxis, labels: readonly string[], background: number, theme: Theme): void {
    if (theme !== this.theme) this.rebuild(theme);
    const { samples, startNs, endNs, originNs, originText } = axis;
    this.slots = slotsFor(samples, background, this.slots);
    const renamed = originText !== this.zero;
    this.zero = originText;
    const toS = (ns: number) => (ns - originNs) / 1e9;
    const times = samples.map((sample) => toS(sample.atNs));
    const series = this.slots.map((c) =>
      samples.map((sample) => (c === null ? null : (sample.probabilities[c] ?? null))),
    );
    this.plot?.setData([times, ...series], false);
    this.plot?.setScale("x", { min: toS(startNs), max: toS(endNs) });
    if (renamed) this.plot?.redraw(false, true); // the numbers of the axis stay, its words do not
    this.drawLegend(labels, theme);
  }

  private drawLegend(labels: readonly string[], theme: Theme): void {
    const text = this.slots.map((c) => (c === null ? "" : readable(labels[c] ?? "")));
    if (this.legend.dataset.shown === text.join("|")) return;
    this.legend.dataset.shown = text.join("|");
    this.legend.replaceChildren(
      ...text.flatMap((name, slot) => (name ? [legendEntry(name, theme.lines[slot]!)] : [])),
    );
  }

  private rebuild(theme: Theme): void {
    this.theme = theme;
    this.plot?.destroy();
    const { clientWidth: width, clientHeight: height } = this.host;
    const empty: uPlot.AlignedData = [[], ...this.slots.map(() => [])];
    this.plot = new uPlot(
      options(theme, Math.max(50, width), height || PLOT_HEIGHT_PX, (s) =>
        s === 0 ? this.zero : `${String(s).replace("-", "−")} s`,
      ),
      empty,
      this.host,
    );
    delete this.legend.dataset.shown;
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width > 0 && height > 0) this.plot?.setSize({ width, height });
  }
}

function legendEntry(name: string, colour: string): HTMLElement {
  const entry = make("span", "legend-entry", name);
  entry.style.setProperty("--entry", colour);
  return entry;
}

function options(
  theme: Theme,
  width: number,
  height: number,
  secondsText: (seconds: number) => string,
): uPlot.Options {
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [6, MARGIN_PX, 0, 0],
    scales: { x: { time: false }, y: { range: [0, 1] } },
    axes: axes(theme, secondsText),
    series: [{}, ...DASHES.map((dash, slot) => line(theme.lines[slot]!, dash))],
  };
}

function axes(theme: Theme, secondsText: (seconds: number) => string): uPlot.Axis[] {
  const axis = {
    stroke: theme.faint,
    font: "11px system-ui, sans-serif",
    grid: { stroke: theme.line, width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...axis,
      size: 22,
      gap: 4,
      // The left end of the axis is the place of "0 %".
      values: (plot, ticks) => ticks.map((s) => (s === plot.scales.x?.min ? "" : secondsText(s))),
    },
    { ...axis, size: GUTTER_PX, gap: 6, splits: () => [0, 0.5, 1], values: percentTicks },
  ];
}

const percentTicks = (_: uPlot, ticks: number[]) => ticks.map((p) => `${Math.round(p * 100)} %`);

function line(stroke: string, dash: number[] | undefined): uPlot.Series {
  return { stroke, width: 2, points: { show: false }, ...(dash ? { dash } : {}) };
}
