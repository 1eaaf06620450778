/** The sentence the page says large: an action, or calmly that nothing known is happening. */

import type { JointShare } from "../wire/messages";
import { percent, readable } from "../page/wording";
import type { BodyState } from "./live_state";
import type { Band } from "./timeline";

/**
 * Why there is no action. There is no prediction to go by where it is `early`, and of a clip that
 * is too `short`; `lost`, `failed` and `ended` are states of the stream itself.
 */
export type IdleKind =
  "nothing" | "early" | "short" | "nobody" | "waiting" | "lost" | "failed" | "ended";

export interface Verdict {
  kind: "action" | "exemplar" | IdleKind;
  label: string | null;
  confidence: number | null;
  /** The likeliest class while no action is decided, where it is worth saying. */
  perhaps: { label: string; confidence: number } | null;
  joints: readonly JointShare[];
}

const WORTH_SAYING = 0.3;

/** A verdict without an action. */
export function idle(kind: IdleKind): Verdict {
  return { kind, label: null, confidence: null, perhaps: null, joints: [] };
}

/**
 * What to say of one body: the action that goes on, with the newest probability of its label,
 * else nothing known, with the likeliest class as a guess.
 */
export function verdictOf(
  band: Band | null,
  probabilities: readonly number[] | null,
  labels: readonly string[],
  background: number,
): Verdict {
  if (band && band.label !== labels[background]) {
    const now = probabilities?.[labels.indexOf(band.label)];
    const { label, joints } = band;
    return { kind: "action", label, confidence: now ?? band.confidence, perhaps: null, joints };
  }
  const nothing = idle("nothing");
  nothing.confidence = probabilities?.[background] ?? null;
  nothing.perhaps = guess(probabilities ?? [], labels, background);
  return nothing;
}

/** What the tag above a head says. */
export function tagOf({ kind, label, confidence }: Verdict): string {
  if (label !== null) return `${readable(label)} ${percent(confidence ?? 0)}`;
  if (kind === "early") return "no prediction yet";
  return kind === "short" ? "too short to tell" : "nothing known";
}

function guess(
  probabilities: readonly number[],
  labels: readonly string[],
  background: number,
): Verdict["perhaps"] {
  let best = -1;
  probabilities.forEach((p, c) => {
    if (c !== background && p > (probabilities[best] ?? WORTH_SAYING)) best = c;
  });
  if (best < 0) return null;
  return { label: labels[best] ?? "", confidence: probabilities[best]! };
}

/**
 * How strongly relevance may glow, 0–1: as sure as the newest prediction is of the label that it
 * explains. A background label is not worth a bright body.
 */
export function glowStrength(
  body: BodyState | null,
  labels: readonly string[],
  background: number,
): number {
  if (!body?.why) return 0;
  const label = labels.indexOf(body.why.relevance.label);
  if (label === background) return 0.2;
  return 0.35 + 0.65 * (body.prediction?.probabilities[label] ?? 0);
}
