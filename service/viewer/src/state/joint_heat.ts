/** The data of the heat map: joints in reading order × time. */

/** `rows[j]` is one joint over time, oldest first; `playhead` 0–1 marks a moment, or null. */
export interface HeatmapData {
  joints: readonly string[];
  rows: readonly (readonly number[])[];
  totals: readonly number[];
  start: string;
  end: string;
  playhead: number | null;
}

/** Joints in the order a reader looks for them: trunk, arms, legs. */
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

/** Pick joints out of `map` (time × joints) and turn it to joints × time. */
export function transpose(map: readonly (readonly number[])[], order: readonly number[]) {
  return order.map((j) => map.map((column) => column[j] ?? 0));
}
