/** Words and numbers as people read them. */

import type { ConnectionState } from "../wire/connection";
import type { JointShare, Timings } from "../wire/messages";

/** A class or stream name in plain words: `sit2stand` is "sit to stand". */
export function readable(label: string): string {
  return label
    .replaceAll("_", " ")
    .replace(/([a-z])2([a-z])/g, "$1 to $2")
    .trim();
}

/** As many of the first words of `text` as fit, with … for the rest, or "" where none does. */
export function shortened(text: string, fits: (part: string) => boolean): string {
  if (fits(text)) return text;
  const words = text.split(" ");
  while (words.pop() !== undefined && words.length > 0) {
    const part = `${words.join(" ")}…`;
    if (fits(part)) return part;
  }
  return "";
}

/** A joint's name as people say it: `HandTipLeft` is "left hand tip". */
export function jointName(joint: string): string {
  const side = /(Left|Right)$/.exec(joint)?.[1]?.toLowerCase();
  const words = joint
    .replace(/(Left|Right)$/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return side ? `${side} ${words}` : words;
}

/** A probability in whole per cent, never a flat 100 % for what is not certain. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  return `${share < 1 ? Math.min(99, whole) : whole}\u00a0%`;
}

export function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

export function clockTime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, "0")}`;
}

/** The joints that carry a label: "left hand 31 %, left wrist 22 %". */
export function joinedShares(joints: readonly JointShare[], most = 3): string {
  const shown = joints.slice(0, most).filter((joint) => joint.share > 0.005);
  return shown.map((joint) => `${jointName(joint.joint)} ${percent(joint.share)}`).join(", ");
}

/** The stages of a latency, the largest things a reader wants to know, in order. */
export function stagesOf(timings: Timings): [string, number][] {
  const named: [string, number][] = [
    ["queue", timings.queue_ms ?? 0],
    ["features", timings.features_ms ?? 0],
    ["model", timings.model_ms ?? 0],
  ];
  const rest = (timings.total_ms ?? 0) - named.reduce((sum, [, ms]) => sum + ms, 0);
  return [...named, ["other", Math.max(0, rest)]];
}

export function connectionText(state: ConnectionState, nowMs: number): string {
  if (state.kind === "open") return "Connected";
  if (state.kind === "connecting") return state.attempt > 0 ? "Reconnecting…" : "Connecting…";
  if (state.refused) return "Not let in";
  const seconds = Math.max(1, Math.ceil((state.retryAtMs - nowMs) / 1000));
  return `Connection lost, reconnecting in ${seconds} s`;
}
