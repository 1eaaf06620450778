/** The headline of one person: the current action or why there is none, and its words. */

import type { JointShare } from "../wire/messages";
import { agoText, percent, readable } from "../page/wording";
import type { Band } from "./timeline";

/**
 * Why there is no action. `nothing`: no class is decided; `early`: no prediction yet; `short`: the
 * clip is too short for one; `nobody`: no body in view; `disconnected`: the page has lost the
 * service; the others are states of the stream.
 */
export type IdleKind =
  | "nothing"
  | "early"
  | "short"
  | "nobody"
  | "waiting"
  | "disconnected"
  | "lost"
  | "failed"
  | "ended";

export interface Headline {
  /** `maybe`: the most likely class is not probable enough to be decided. */
  kind: "action" | "maybe" | "exemplar" | IdleKind;
  label: string | null;
  confidence: number | null;
  joints: readonly JointShare[];
  /** While no action goes on: the last action of the person. */
  last?: PastAction;
}

export interface PastAction {
  label: string;
  /** The time since its end, in seconds. */
  agoS: number;
}

const IDLE_WORDS: Record<IdleKind, string> = {
  nothing: "No known action",
  early: "No prediction yet",
  short: "Too short to tell",
  nobody: "Nobody in view",
  waiting: "Waiting for frames",
  disconnected: "Connection lost",
  lost: "Lost, trying again",
  failed: "This stream has failed",
  ended: "This stream has ended",
};

/** A headline without an action. */
export function idle(kind: IdleKind): Headline {
  return { kind, label: null, confidence: null, joints: [] };
}

/**
 * The headline of one body. An open band gives its action, with the newest probability of its
 * label. Without one, the headline is the most likely class: `maybe`, or `nothing` if that is the
 * background.
 */
export function headlineOf(
  band: Band | null,
  probabilities: readonly number[] | null,
  labels: readonly string[],
  background: number,
): Headline {
  if (band && band.label !== labels[background]) {
    const now = probabilities?.[labels.indexOf(band.label)];
    const { label, joints } = band;
    return { kind: "action", label, confidence: now ?? band.confidence, joints };
  }
  const top = probabilities ? indexOfMost(probabilities) : -1;
  const confidence = probabilities?.[top] ?? null;
  if (top < 0 || top === background) return { ...idle("nothing"), confidence };
  return { kind: "maybe", label: labels[top] ?? "", confidence, joints: [] };
}

/**
 * The label that every panel speaks of: that of the headline, or the background while there is no
 * known action. Null if there is no prediction to speak of.
 */
export function subjectOf(
  { kind, label }: Headline,
  labels: readonly string[],
  background: number,
): string | null {
  return kind === "nothing" ? (labels[background] ?? null) : label;
}

const indexOfMost = (values: readonly number[]) => values.indexOf(Math.max(...values));

/** The large words: what goes on or may go on, or the last action while nothing does. */
export function headlineText(headline: Headline): string {
  const { kind, last } = headline;
  return last && kind !== "maybe" ? pastText(last) : nowText(headline);
}

const pastText = ({ label, agoS }: PastAction) => `${readable(label)}, ${agoText(agoS)}`;

function nowText({ kind, label, confidence }: Headline): string {
  if (kind === "maybe") return `Maybe ${readable(label ?? "")} (${percent(confidence ?? 0)})`;
  if (label !== null) return readable(label);
  return kind === "action" || kind === "exemplar" ? "" : IDLE_WORDS[kind];
}

/** The headline for screen readers, without the numbers, which change all the time. */
export function spokenText(headline: Headline): string {
  if (headline.kind === "maybe") return `Maybe ${readable(headline.label ?? "")}`;
  return nowText(headline);
}

/**
 * The line under the large words: how confident the model is of an action, or what goes on now if
 * the large words are about the last action, or else the last action.
 */
export function confidenceText(headline: Headline): string {
  const { kind, confidence, last } = headline;
  if (kind === "action") return `${percent(confidence ?? 0)} sure`;
  if (!last) return "";
  if (kind === "maybe") return `Last: ${pastText(last)}`;
  return kind === "nothing" ? `${nowText(headline)} since` : nowText(headline);
}

/** The tag above a person's head; "" without a known action. */
export function tagText(headline: Headline): string {
  const { kind, label, confidence } = headline;
  if (kind === "maybe") return nowText(headline).replace("Maybe", "maybe");
  if (label !== null) return `${readable(label)} ${percent(confidence ?? 0)}`;
  return kind === "short" ? "too short to tell" : "";
}

/** The words in place of the most likely classes when there is no prediction. */
export function noBarsText({ kind }: Headline): string {
  if (kind === "short") return IDLE_WORDS.short;
  return kind === "early" || kind === "waiting" ? IDLE_WORDS.early : "No prediction now";
}
