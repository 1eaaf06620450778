/** The lanes of the timeline: which body's bands lie in which lane. */

import type { Band } from "./timeline";

/** The time from a body's first moment on the timeline to its last. */
export interface Span {
  startNs: number;
  endNs: number;
}

/**
 * The span of each body that has `bands` or is `present` at `nowNs`. The span of a body that is
 * still present, or whose action is open, ends at infinity: it may act again.
 */
export function spansOf(
  bands: readonly Band[],
  present: ReadonlySet<string>,
  nowNs: number,
): Map<string, Span> {
  const spans = new Map<string, Span>();
  for (const { key, startNs, endNs } of bands) {
    const known = spans.get(key) ?? { startNs, endNs: startNs };
    const end = present.has(key) ? Infinity : (endNs ?? Infinity);
    spans.set(key, {
      startNs: Math.min(known.startNs, startNs),
      endNs: Math.max(known.endNs, end),
    });
  }
  for (const key of present) {
    if (!spans.has(key)) spans.set(key, { startNs: nowNs, endNs: Infinity });
  }
  return spans;
}

/**
 * Assigns a lane to each body of `spans`. Bodies whose spans do not overlap may share a lane, and
 * a body keeps its lane of `before` where it can.
 */
export function lanesFor(
  spans: ReadonlyMap<string, Span>,
  before: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const lanes = new Map<string, number>();
  const isFree = (lane: number, key: string) =>
    [...lanes].every(([other, taken]) => taken !== lane || apart(spans, key, other));
  const known = [...spans.keys()].filter((key) => before.has(key));
  for (const key of new Set([...known, ...spans.keys()])) {
    let lane = before.get(key) ?? 0;
    if (!isFree(lane, key)) for (lane = 0; !isFree(lane, key);) lane += 1;
    lanes.set(key, lane);
  }
  return lanes;
}

/** Sorts the lanes by the number of the body that was there last. */
export function inOrder(
  lanes: ReadonlyMap<string, number>,
  spans: ReadonlyMap<string, Span>,
  numberOf: (key: string) => number,
): Map<string, number> {
  const owners = [...new Set(lanes.values())].map((lane) => ownerOf(lane, lanes, spans));
  const sorted = owners.sort((a, b) => numberOf(a) - numberOf(b));
  const place = new Map(sorted.map((key, i) => [lanes.get(key)!, i]));
  return new Map([...lanes].map(([key, lane]) => [key, place.get(lane)!]));
}

/** The body that was in a lane last. */
function ownerOf(
  lane: number,
  lanes: ReadonlyMap<string, number>,
  spans: ReadonlyMap<string, Span>,
): string {
  const inLane = [...lanes].flatMap(([key, taken]) => (taken === lane ? [key] : []));
  return inLane.reduce((a, b) => (spans.get(b)!.startNs > spans.get(a)!.startNs ? b : a));
}

/** The number of lanes, at least 1. */
export function laneCount(lanes: ReadonlyMap<string, number>): number {
  return Math.max(0, ...lanes.values()) + 1;
}

function apart(spans: ReadonlyMap<string, Span>, one: string, other: string): boolean {
  const [a, b] = [spans.get(one)!, spans.get(other)!];
  return a.endNs <= b.startNs || b.endNs <= a.startNs;
}
