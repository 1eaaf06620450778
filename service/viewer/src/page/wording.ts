/** Names and numbers as people read them. */

import type { ConnectionState } from "../wire/connection";
import type { JointShare, Timings } from "../wire/messages";
import { TOKEN_NEEDED } from "../wire/rest";

/** A class or stream name in plain words: `sit2stand` is "sit to stand". */
export function readable(label: string): string {
  return label
    .replaceAll("_", " ")
    .replace(/([a-z])2([a-z])/g, "$1 to $2")
    .trim();
}

/** The display name of the background class. */
export const NO_KNOWN_ACTION = "no known action";

/** The display name of a class. The `background` has a name of its own. */
export function labelText(label: string, background: string | undefined): string {
  return label === background ? NO_KNOWN_ACTION : readable(label);
}

/** Shortens `text` to the whole words that fit, with … for the rest; "" if none fits. */
export function shortened(text: string, fits: (part: string) => boolean): string {
  if (fits(text)) return text;
  const words = text.split(" ");
  while (words.pop() !== undefined && words.length > 0) {
    const part = `${words.join(" ")}…`;
    if (fits(part)) return part;
  }
  return "";
}

/** Breaks `text` into at most `most` lines that fit; the last one may be shortened. */
export function wrapped(text: string, most: number, fits: (part: string) => boolean): string[] {
  const words = text.split(" ");
  let count = words.length;
  while (count > 1 && !fits(words.slice(0, count).join(" "))) count -= 1;
  const line = words.slice(0, count).join(" ");
  if (most <= 1 || count === words.length || !fits(line)) return [shortened(text, fits)];
  const rest = wrapped(words.slice(count).join(" "), most - 1, fits);
  return rest[0] === "" ? [shortened(text, fits)] : [line, ...rest];
}

/** A joint's name in plain words: `HandTipLeft` is "left hand tip". */
export function jointName(joint: string): string {
  const side = /(Left|Right)$/.exec(joint)?.[1]?.toLowerCase();
  const words = joint
    .replace(/(Left|Right)$/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return side ? `${side} ${words}` : words;
}

/** A probability in whole per cent. Only certainty is 100 %: 0.999 is 99 %. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  return `${share < 1 ? Math.min(99, whole) : whole}\u00a0%`;
}

/** A duration: milliseconds, with one decimal below 10 ms, or seconds. */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** A time in the past in whole seconds. */
export function agoText(seconds: number): string {
  return seconds < 1 ? "just now" : `${Math.floor(seconds)} s ago`;
}

/** A time as minutes and seconds: 61.5 is "1:01.5". */
export function clockTime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, "0")}`;
}

/** A joint with a smaller share than this is not named. */
const NAMED_FROM = 0.05;

/** The first `most` joints with their shares: "left hand (31 %), left wrist (22 %)". */
export function joinedShares(joints: readonly JointShare[], most = 3): string {
  const shown = joints.slice(0, most).filter(({ share }) => share >= NAMED_FROM);
  return shown.map(({ joint, share }) => `${jointName(joint)} (${percent(share)})`).join(", ");
}

/** The stages of a latency in milliseconds, in the order in which they happen. */
export function stagesOf(timings: Timings): [string, number][] {
  const named: [string, number][] = [
    ["queue", timings.queue_ms ?? 0],
    ["features", timings.features_ms ?? 0],
    ["model", timings.model_ms ?? 0],
  ];
  const rest = (timings.total_ms ?? 0) - named.reduce((sum, [, ms]) => sum + ms, 0);
  return [...named, ["other", Math.max(0, rest)]];
}

/** Labels that are later than this are called late. */
export const LATE_FROM_S = 2;

/** The state of the connection. `nowMs` is the page's clock, `lateS` how late labels are. */
export function connectionText(state: ConnectionState, nowMs: number, lateS = 0): string {
  if (state.kind === "open") {
    return lateS >= LATE_FROM_S ? `Running ${Math.floor(lateS)} s late` : "Connected";
  }
  if (state.kind === "connecting") return state.attempt > 0 ? "Reconnecting…" : "Connecting…";
  if (state.refused === TOKEN_NEEDED) return "Access token needed";
  if (state.refused) return "Refused by the service";
  const seconds = Math.max(1, Math.ceil((state.retryAtMs - nowMs) / 1000));
  return `Connection lost, reconnecting in ${seconds} s`;
}
