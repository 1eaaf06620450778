/** The headline of one person: the current action or why there is none, and its words. */

import type { JointShare } from "../wire/messages";
import { NO_KNOWN_ACTION, percent, readable } from "../page/wording";
import type { Band } from "./timeline";

/**
 * Why there is no action. `nothing`: no class is decided; `early`: no prediction yet; `short`: the
 * clip is too short for one; `nobody`: no body in view; the others are states of the stream.
 */
export type IdleKind =
  "nothing" | "early" | "short" | "nobody" | "waiting" | "lost" | "failed" | "ended";

export interface Headline {
  kind: "action" | "exemplar" | IdleKind;
  label: string | null;
  confidence: number | null;
  /** The most likely class while no action is decided, if it is likely enough to mention. */
  guess: Guess | null;
  joints: readonly JointShare[];
}

export interface Guess {
  label: string;
  confidence: number;
}

const MENTIONED_FROM = 0.3;

const IDLE_WORDS: Record<IdleKind, string> = {
  nothing: "No known action",
  early: "No prediction yet",
  short: "Too short to tell",
  nobody: "Nobody in view",
  waiting: "Waiting for frames",
  lost: "Lost, trying again",
  failed: "This stream has failed",
  ended: "This stream has ended",
};

/** A headline without an action. */
export function idle(kind: IdleKind): Headline {
  return { kind, label: null, confidence: null, guess: null, joints: [] };
}

/**
 * The headline of one body. An open band gives its action, with the newest probability of its
 * label; without one, or for the background, it is `nothing` with a guess.
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
    return { kind: "action", label, confidence: now ?? band.confidence, guess: null, joints };
  }
  const confidence = probabilities?.[background] ?? null;
  const guess = likeliest(probabilities ?? [], labels, background);
  return { ...idle("nothing"), confidence, guess };
}

/** The most likely class without the background, or null if none is likely enough to mention. */
function likeliest(
  probabilities: readonly number[],
  labels: readonly string[],
  background: number,
): Guess | null {
  let best = -1;
  probabilities.forEach((p, c) => {
    if (c !== background && p > (probabilities[best] ?? MENTIONED_FROM)) best = c;
  });
  if (best < 0) return null;
  return { label: labels[best] ?? "", confidence: probabilities[best]! };
}

/** The large words. */
export function headlineText({ kind, label }: Headline): string {
  if (label !== null) return readable(label);
  return kind === "action" || kind === "exemplar" ? "" : IDLE_WORDS[kind];
}

/** The line under the large words: how confident the model is, or its guess. */
export function confidenceText({ kind, confidence, guess }: Headline): string {
  if (guess) return `Maybe ${readable(guess.label)} (${percent(guess.confidence)})`;
  return kind === "action" ? `${percent(confidence ?? 0)} sure` : "";
}

/** The tag above a person's head. */
export function tagText({ kind, label, confidence }: Headline): string {
  if (label !== null) return `${readable(label)} ${percent(confidence ?? 0)}`;
  if (kind === "early") return "no prediction yet";
  return kind === "short" ? "too short to tell" : NO_KNOWN_ACTION;
}

/** The words in place of the most likely classes when there is no prediction. */
export function noBarsText({ kind }: Headline): string {
  if (kind === "short") return IDLE_WORDS.short;
  return kind === "early" || kind === "waiting" ? IDLE_WORDS.early : "No prediction now";
}
