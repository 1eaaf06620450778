/** The relevance of joints over time: the data of the heat map and of glowing joints. */

import type { Relevance } from "../wire/messages";
import type { Headline, IdleKind } from "./headline";

/** J joints × T moments, oldest first. */
export interface HeatmapData {
  /** J names, in reading order. */
  joints: readonly string[];
  /** J rows of T values in logits: positive for the label, negative against it. */
  rows: readonly (readonly number[])[];
  /** J sums over time. */
  totals: readonly number[];
  /** The words at both ends of the time axis. */
  start: string;
  end: string;
  /** A moment to mark, 0–1 from start to end, or null. */
  playhead: number | null;
}

/** Joints in the order in which a reader looks for them: trunk, arms, legs. */
const GROUPS = [
  /^(Head|Neck|Spine)/,
  /^(Shoulder|Elbow|Wrist|Hand|Thumb).*Left$/,
  /^(Shoulder|Elbow|Wrist|Hand|Thumb).*Right$/,
  /Left$/,
  /Right$/,
];
const TRUNK = ["Head", "Neck", "SpineShoulder", "SpineMid", "SpineBase"];

/** Indices into `joints` of the ones in `used`, top of the body first. */
export function jointOrder(joints: readonly string[], used: readonly string[]): number[] {
  const group = (name: string) => GROUPS.findIndex((pattern) => pattern.test(name));
  const rank = (j: number) => {
    const name = joints[j]!;
    return group(name) * 100 + (TRUNK.includes(name) ? TRUNK.indexOf(name) : j);
  };
  const kept = joints.map((_, j) => j).filter((j) => used.includes(joints[j]!));
  return kept.sort((a, b) => rank(a) - rank(b));
}

/** Selects the joints in `order` from `map` (time × joints) and transposes to joints × time. */
export function transpose(map: readonly (readonly number[])[], order: readonly number[]) {
  return order.map((j) => map.map((column) => column[j] ?? 0));
}

/** The glow, 0–1, of a body whose explanation is of the background. */
export const BACKGROUND_GLOW = 0.2;
/** The least glow for any other explanation. */
const LEAST_GLOW = 0.35;

/**
 * The glow, 0–1, of a body. It is brighter the more probable the explained label is in the newest
 * prediction, and 0 without an explanation.
 */
export function glowStrength(
  relevance: Relevance | null,
  probabilities: readonly number[] | undefined,
  labels: readonly string[],
  background: number,
): number {
  if (!relevance) return 0;
  const label = labels.indexOf(relevance.label);
  if (label === background) return BACKGROUND_GLOW;
  return LEAST_GLOW + (1 - LEAST_GLOW) * (probabilities?.[label] ?? 0);
}

/** The heat map says how late an explanation is from this delay on. */
const LATE_S = 0.35;

/**
 * The heat map of an explanation of the `spanS` seconds before it, which ends `lateS` before
 * now. `order` has the indices of the joints to show.
 */
export function heatmapOf(
  relevance: Relevance,
  order: readonly number[],
  spanS: number,
  lateS: number,
): Omit<HeatmapData, "joints"> {
  return {
    rows: transpose(relevance.map, order),
    totals: order.map((j) => relevance.joints[j] ?? 0),
    start: `${(spanS + lateS).toFixed(1)} s ago`,
    end: lateS < LATE_S ? "now" : `${lateS.toFixed(1)} s ago`,
    playhead: null,
  };
}

/** The columns of an empty heat map. */
const EMPTY_COLUMNS = 28;

/** A heat map of these joints without relevance, in place of one that is still to come. */
export function emptyHeatmap(joints: readonly string[]): HeatmapData {
  const row = Array.from({ length: EMPTY_COLUMNS }, () => 0);
  return {
    joints,
    rows: joints.map(() => row),
    totals: joints.map(() => 0),
    start: "",
    end: "",
    playhead: null,
  };
}

const WHY_EMPTY: Record<IdleKind, string> = {
  nothing: "The explanation follows.",
  early: "The first explanation follows the first prediction.",
  short: "The clip is too short to explain.",
  nobody: "Nobody is in view.",
  waiting: "Explanations come with the first frames.",
  disconnected: "No explanation while the connection is lost.",
  lost: "No explanation while the stream is lost.",
  failed: "No explanation: the stream has failed.",
  ended: "No explanation: the stream has ended.",
};

/** Why there is no heat map: that of `title`, the words of the headline's label, is to come. */
export function whyEmpty({ kind }: Headline, title: string): string {
  if (title !== "") return `The explanation of “${title}” follows.`;
  return kind in WHY_EMPTY ? WHY_EMPTY[kind as IdleKind] : WHY_EMPTY.nothing;
}

/** The line under the heat map: the sum of all joints. */
export function sumText(relevance: Relevance | null): string {
  if (!relevance) return "";
  // Subtracts the rounded numbers, so that a reader who checks the sum gets the same.
  const difference = Number(relevance.logit.toFixed(2)) - Number(relevance.reference.toFixed(2));
  const sum = Number(difference.toFixed(2));
  return `All joints together: ${sum < 0 ? "" : "+"}${rounded(sum)} (exact)`;
}

/** The numbers that the sum of all joints explains. */
export function numbersText(relevance: Relevance | null): string {
  if (!relevance) return "";
  const { logit, reference, residual } = relevance;
  const subtracted = reference < 0 ? `(${rounded(reference)})` : rounded(reference);
  return (
    `The label's logit ${rounded(logit)} − reference ${subtracted} without movement. ` +
    `Residual: ${tiny(residual)}.`
  );
}

const rounded = (value: number) => value.toFixed(2).replace("-", "−");

function tiny(value: number): string {
  return value === 0 ? "0" : value.toExponential(0).replaceAll("-", "−");
}
