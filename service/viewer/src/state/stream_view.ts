/** The page's data of one stream: its newest frame, its bodies and their history. */

import type { FrameMessage, PredictionMessage, RelevanceMessage } from "../wire/messages";
import { BODY_COLOURS } from "../page/colour";
import { inOrder, lanesFor, spansOf } from "./lanes";
import { type Band, bodyKey, Timeline } from "./timeline";

/** How much of the past the page keeps and draws. */
export const HISTORY_NS = 60e9;

/** An explanation this much older than the newest prediction is outdated and no longer shown. */
const EXPLANATION_KEPT_NS = 1.5e9;

/** The prediction of a body that comes back after more than this is outdated. */
const AWAY_NS = 1e9;

/** Ids of some sensors have 17 digits; this is two people with two digits each. */
const LONGEST_NUMBER = 5;

/** Old samples are removed only in batches larger than this, which is cheaper than one by one. */
const PRUNED_SAMPLES = 64;

/** The probabilities of one body at one moment. */
export interface Sample {
  atNs: number;
  /** C numbers, in the order of the model's labels. */
  probabilities: number[];
}

/** One recognised body, or a group of bodies that act together. */
export interface BodyState {
  key: string;
  ids: number[];
  /** Index into the theme's palette of bodies. */
  colour: number;
  prediction: PredictionMessage | null;
  /** The newest explanation of each label, unless it is outdated. */
  explanations: Map<string, RelevanceMessage>;
  samples: Sample[];
  /** The capture time of the newest frame or prediction of the body. */
  seenNs: number;
}

/** The state of one stream. Its counts only grow, so a changed count means new data. */
export class StreamView {
  frame: FrameMessage | null = null;
  frameCount = 0;
  predictionCount = 0;
  relevanceCount = 0;
  readonly bodies = new Map<string, BodyState>();
  readonly timeline = new Timeline();
  private readonly colours = new Map<string, number>();
  /** The place of each body in the order in which the page met them, from 1. */
  private readonly places = new Map<string, number>();
  private lanes: ReadonlyMap<string, number> = new Map();

  /** The state of the body, or group, with these ids. It is created if it does not exist. */
  body(ids: readonly number[]): BodyState {
    const key = bodyKey(ids);
    let body = this.bodies.get(key);
    if (!body) {
      const colour = this.colourOf(key);
      const [prediction, explanations] = [null, new Map<string, RelevanceMessage>()];
      const seenNs = this.frame?.captured_ns ?? 0;
      body = { key, ids: [...ids], colour, prediction, explanations, samples: [], seenNs };
      this.bodies.set(key, body);
    }
    return body;
  }

  takeFrame(frame: FrameMessage): void {
    this.frame = frame;
    this.frameCount += 1;
    const ids = new Set(frame.bodies.map((body) => body.id));
    for (const body of this.bodies.values()) {
      if (!body.ids.every((id) => ids.has(id))) continue;
      if (frame.captured_ns - body.seenNs > AWAY_NS) forget(body);
      body.seenNs = frame.captured_ns;
    }
  }

  takePrediction(prediction: PredictionMessage): void {
    const body = this.body(prediction.body_ids);
    const { captured_ns: atNs, probabilities } = prediction;
    body.prediction = prediction;
    body.seenNs = Math.max(body.seenNs, atNs);
    for (const [label, { captured_ns: explainedNs }] of body.explanations) {
      if (Math.abs(atNs - explainedNs) > EXPLANATION_KEPT_NS) body.explanations.delete(label);
    }
    body.samples.push({ atNs, probabilities });
    const first = body.samples.findIndex((sample) => sample.atNs >= atNs - HISTORY_NS);
    if (first > PRUNED_SAMPLES) body.samples.splice(0, first);
    this.predictionCount += 1;
  }

  /** Stores an explanation, or ignores it if its body is not known (any more). */
  takeRelevance(explanation: RelevanceMessage): void {
    const body = this.bodies.get(bodyKey(explanation.body_ids));
    if (!body) return;
    body.explanations.set(explanation.relevance.label, explanation);
    this.relevanceCount += 1;
  }

  /** Removes all people from view. Their probabilities and their bands stay. */
  forgetPeople(): void {
    this.frame = null;
    for (const body of this.bodies.values()) forget(body);
  }

  /** Removes all people. Their history on the timeline stays. */
  clear(): void {
    this.frame = null;
    this.bodies.clear();
  }

  /**
   * The palette index of a body, which nobody else in view has if the palette is large enough. It
   * stays the same as long as the page is open.
   */
  colourOf(key: string): number {
    const known = this.colours.get(key) ?? this.freeColour();
    this.colours.set(key, known);
    this.placeOf(key);
    return known;
  }

  private freeColour(): number {
    const inView = (this.frame?.bodies ?? []).map(({ id }) => this.colours.get(String(id)));
    const first = this.colours.size % BODY_COLOURS;
    const all = Array.from({ length: BODY_COLOURS }, (_, i) => (first + i) % BODY_COLOURS);
    return all.find((colour) => !inView.includes(colour)) ?? first;
  }

  /** The number of a body on the page: its id, unless that is too long to read. */
  numberOf(key: string): string {
    return key.length <= LONGEST_NUMBER ? key : String(this.placeOf(key));
  }

  private placeOf(key: string): number {
    const place = this.places.get(key) ?? this.places.size + 1;
    this.places.set(key, place);
    return place;
  }

  /** The timeline lane of each body that has `bands` or is present, in the order of numbers. */
  lanesOf(bands: readonly Band[], nowNs: number): ReadonlyMap<string, number> {
    const present = new Set(this.present().map((body) => body.key));
    const spans = spansOf(bands, present, nowNs);
    this.lanes = inOrder(lanesFor(spans, this.lanes), spans, (key) =>
      Number.parseInt(this.numberOf(key)),
    );
    return this.lanes;
  }

  /**
   * The bodies of the newest frame, in the order of their ids. A group counts only if all its
   * members are in the frame.
   */
  present(): BodyState[] {
    const ids = new Set(this.frame?.bodies.map((body) => body.id));
    for (const id of ids) {
      const alone = ![...this.bodies.values()].some((body) => body.ids.includes(id));
      if (alone) this.body([id]);
    }
    const present = [...this.bodies.values()].filter((body) => body.ids.every((id) => ids.has(id)));
    return present.sort((a, b) => (a.ids[0] ?? 0) - (b.ids[0] ?? 0));
  }
}

function forget(body: BodyState): void {
  body.prediction = null;
  body.explanations.clear();
}
