/** The numbers of an explained action, arranged for drawing. Times are those of its answer. */

import type { JointShare } from "../wire/messages";
import type { WhyAnswer, WhySplit } from "../wire/why";
import { scaleOf } from "../page/colour";
import { type HeatmapData, jointOrder } from "./joint_heat";
import { WHOLE_BODY } from "./joint_parts";

export interface TimeSpan {
  startS: number;
  endS: number;
}

/** A unit that adds less than this share of the strongest moment of all units is silent. */
export const SILENT_BELOW = 0.06;
/** Moments of units before the action are in view from this share of the strongest one on. */
const SHOWN_FROM = 0.1;
const LEAD_S = 0.4;
const SHORTEST_S = 0.2;

/** The strongest moment of all units: the common scale of their tracks. */
export function unitScale(answer: WhyAnswer): number {
  return Math.max(1e-6, ...answer.units.map((unit) => scaleOf(unit.values)));
}

/**
 * The time in view: the action, its told movements and the moments of its units. What lies before
 * counts in all sums, but is too weak to see.
 */
export function spanOf(answer: WhyAnswer): TimeSpan {
  const { times_s: times, units, clauses, frames } = answer;
  const least = SHOWN_FROM * unitScale(answer);
  const first = times.findIndex((_, e) => units.some((one) => Math.abs(one.values[e]!) >= least));
  const starts = [answer.start_s, times[first] ?? answer.start_s, ...clauses.map((c) => c.start_s)];
  const known = frames?.start_s ?? times[0] ?? answer.start_s;
  const startS = Math.max(known, Math.min(...starts) - LEAD_S);
  const endS = Math.max(answer.end_s, times.at(-1) ?? answer.end_s);
  return { startS, endS: Math.max(endS, startS + SHORTEST_S) };
}

/** The index of the moment that a time lies in; `times` are the ends of the moments. */
export function momentAt(times: readonly number[], timeS: number): number {
  const found = times.findIndex((end) => end >= timeS);
  return found < 0 ? times.length - 1 : found;
}

/** The runs of moments, from index to index before, in which a unit is silent. */
export function silences(values: readonly number[], scale: number): [number, number][] {
  const runs: [number, number][] = [];
  values.forEach((value, e) => {
    if (Math.abs(value) >= SILENT_BELOW * scale) return;
    const last = runs.at(-1);
    if (last?.[1] === e) last[1] = e + 1;
    else runs.push([e, e + 1]);
  });
  return runs;
}

/** The heat map of a split: the whole body first, then the joints, with sums over all moments. */
export function whyHeatmap(
  answer: WhyAnswer,
  split: WhySplit,
  { startS, endS }: TimeSpan,
  timeS: number,
): HeatmapData {
  const { joint_names: names, times_s: times } = answer;
  const order = jointOrder(names, names);
  const rows = [split.body, ...order.map((j) => split.joints.map((row) => row[j]!))];
  const shown = momentAt(times, startS);
  const fromS = times[shown - 1] ?? times[0] ?? startS;
  const toS = times.at(-1) ?? endS;
  return {
    joints: ["WholeBody", ...order.map((j) => names[j]!)],
    rows: rows.map((row) => row.slice(shown)),
    totals: rows.map((row) => row.reduce((sum, value) => sum + value, 0)),
    start: `${signed(fromS, 1)} s`,
    end: `${signed(toS, 1)} s`,
    playhead: Math.min(1, Math.max(0, (timeS - fromS) / Math.max(1e-6, toS - fromS))),
  };
}

/** How strongly each joint is lit, 0–1: its share, or that of the whole body if it is larger. */
export function litBy(names: readonly string[], joints: readonly JointShare[]): number[] {
  const most = Math.max(1e-6, ...joints.map(({ share }) => share));
  const share = (name: string) => joints.find(({ joint }) => joint === name)?.share ?? 0;
  return names.map((name) => Math.max(share(name), share(WHOLE_BODY)) / most);
}

/** The relevance of each joint at a time, −1 … 1 of the largest one of all moments. */
export function litAt(answer: WhyAnswer, timeS: number): number[] {
  const { joints, body } = answer.split;
  const most = Math.max(...joints.map((row) => scaleOf(row)));
  const row = joints[momentAt(answer.times_s, timeS)] ?? [];
  return body.length > 0 ? row.map((value) => value / most) : [];
}

/** The sum of a split in plain words, and how exact it is. */
export function totalText(split: WhySplit, title: string, standing: string): string {
  const gain = split.score - split.reference;
  const sum = gain > 0 ? `+${signed(gain, 2)}` : signed(gain, 2);
  const [score, reference] = [signed(split.score, 2), signed(split.reference, 2)];
  return (
    `All joints and moments together: ${sum}. That is the score of ${title} (${score}) minus the ` +
    `same for ${standing} (${reference}). ${missText(split.residual)}`
  );
}

/** How much a sum of parts misses the score by, in plain words. */
export function missText(residual: number): string {
  const miss = Math.abs(residual);
  if (miss === 0) return "The parts add up to it exactly.";
  const digits = Math.max(0, -Math.ceil(Math.log10(miss)));
  return `The parts miss this sum by less than ${(10 ** -digits).toFixed(digits)}.`;
}

/** A number with a true minus sign. */
export const signed = (value: number, digits: number) =>
  Number(value.toFixed(digits)) === 0
    ? (0).toFixed(digits)
    : value.toFixed(digits).replace("-", "−");
