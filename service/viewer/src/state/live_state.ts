/** What the page knows of the live service: messages go in, nothing is drawn here. */

import type {
  ActionMessage,
  FrameMessage,
  Hello,
  Message,
  PredictionMessage,
  RelevanceMessage,
  StreamInfo,
} from "../wire/messages";
import { lanesFor, spansOf } from "./lanes";
import { type Band, bodyKey, Timeline } from "./timeline";

export const HISTORY_NS = 60e9;

/** Relevance this much older than the newest prediction speaks of the past, and is not shown. */
const RELEVANCE_KEPT_NS = 1.5e9;

/** Probabilities of one body over the last minute. */
export interface Sample {
  atNs: number;
  probabilities: number[];
}

/**
 * One recognised body, or bodies that act together. `colour` is its place in the palette; `why` is
 * the newest relevance, of the newest prediction or of one before it.
 */
export interface BodyState {
  key: string;
  ids: number[];
  colour: number;
  prediction: PredictionMessage | null;
  why: RelevanceMessage | null;
  samples: Sample[];
}

/** One stream. Its counts grow, so that a drawer sees what is new. */
export class StreamView {
  frame: FrameMessage | null = null;
  frameCount = 0;
  predictionCount = 0;
  relevanceCount = 0;
  latest: PredictionMessage | null = null;
  readonly bodies = new Map<string, BodyState>();
  readonly timeline = new Timeline();
  private readonly colours = new Map<string, number>();
  private lanes: ReadonlyMap<string, number> = new Map();

  body(ids: readonly number[]): BodyState {
    const key = bodyKey(ids);
    let body = this.bodies.get(key);
    if (!body) {
      const colour = this.colourOf(key);
      body = { key, ids: [...ids], colour, prediction: null, why: null, samples: [] };
      this.bodies.set(key, body);
    }
    return body;
  }

  /** Nobody is in view any more. */
  clear(): void {
    this.frame = null;
    this.latest = null;
    this.bodies.clear();
  }

  /** The same body keeps its colour while the page lives. */
  colourOf(key: string): number {
    const known = this.colours.get(key) ?? this.colours.size;
    this.colours.set(key, known);
    return known;
  }

  /** The lanes of the bodies with `bands`, of those that are on the timeline now. */
  lanesOf(bands: readonly Band[]): ReadonlyMap<string, number> {
    const present = new Set(this.present().map((body) => body.key));
    this.lanes = lanesFor(spansOf(bands, present), this.lanes);
    return this.lanes;
  }

  /** Bodies in the newest frame, in the frame's order; a pair counts where both are there. */
  present(): BodyState[] {
    const ids = new Set(this.frame?.bodies.map((body) => body.id));
    for (const id of ids) {
      const alone = ![...this.bodies.values()].some((body) => body.ids.includes(id));
      if (alone) this.body([id]);
    }
    return [...this.bodies.values()].filter((body) => body.ids.every((id) => ids.has(id)));
  }
}

export class LiveState {
  hello: Hello | null = null;
  error = "";
  readonly infos = new Map<string, StreamInfo>();
  private readonly views = new Map<string, StreamView>();
  private newestNs = 0;

  apply(message: Message): void {
    if (message.type === "hello") this.greet(message);
    else if (message.type === "frame") this.takeFrame(message);
    else if (message.type === "prediction") this.takePrediction(message);
    else if (message.type === "relevance") this.takeRelevance(message);
    else if (message.type === "action") this.takeAction(message);
    else if (message.type === "status") this.takeStatus(message.stream);
    else this.error = message.text;
  }

  view(stream: string): StreamView {
    let view = this.views.get(stream);
    if (!view) {
      view = new StreamView();
      this.views.set(stream, view);
    }
    return view;
  }

  /** Replace what is known of all streams by a fresh list. */
  list(streams: readonly StreamInfo[]): void {
    this.infos.clear();
    for (const info of streams) this.infos.set(info.name, info);
  }

  /** The connection is gone: nothing shown as going on may stay so. */
  disconnect(): void {
    for (const view of this.views.values()) {
      view.timeline.closeAll(this.newestNs);
      view.clear();
    }
    for (const info of this.infos.values()) {
      if (info.state === "live") this.infos.set(info.name, { ...info, state: "waiting" });
    }
  }

  private greet(hello: Hello): void {
    const other = this.hello !== null && this.hello.wall_offset_ns !== hello.wall_offset_ns;
    // Another run of the service counts its time anew, so old bands would lie anywhere.
    if (other && Math.abs(this.hello!.wall_offset_ns - hello.wall_offset_ns) > 60e9) {
      this.views.clear();
    }
    this.hello = hello;
    this.error = "";
    for (const info of hello.streams) this.infos.set(info.name, info);
  }

  private takeStatus(info: StreamInfo): void {
    this.infos.set(info.name, info);
    // A camera that is lost shows nobody, not who was there when it was lost.
    if (info.state !== "live") this.views.get(info.name)?.clear();
  }

  private takeFrame(frame: FrameMessage): void {
    const view = this.view(frame.stream);
    view.frame = frame;
    view.frameCount += 1;
    this.newestNs = frame.captured_ns;
  }

  private takePrediction(prediction: PredictionMessage): void {
    const view = this.view(prediction.stream);
    const body = view.body(prediction.body_ids);
    const { captured_ns: atNs, probabilities } = prediction;
    body.prediction = prediction;
    if (body.why && Math.abs(atNs - body.why.captured_ns) > RELEVANCE_KEPT_NS) body.why = null;
    body.samples.push({ atNs, probabilities });
    const first = body.samples.findIndex((sample) => sample.atNs >= atNs - HISTORY_NS);
    if (first > 64) body.samples.splice(0, first);
    view.latest = prediction;
    view.predictionCount += 1;
  }

  private takeRelevance(why: RelevanceMessage): void {
    const view = this.view(why.stream);
    // Of a body that is not known, or was forgotten meanwhile, there is nothing to explain.
    const body = view.bodies.get(bodyKey(why.body_ids));
    if (!body) return;
    body.why = why;
    view.relevanceCount += 1;
  }

  private takeAction(action: ActionMessage): void {
    const view = this.view(action.stream);
    view.colourOf(bodyKey(action.body_ids));
    view.timeline.apply(action);
    view.timeline.prune(action.at_ns - 2 * HISTORY_NS);
  }
}

/** The service's clock, followed from the times in its messages; it never jumps on jitter. */
export class ServiceClock {
  private offsetNs: number | null = null;

  /** `capturedNs` of a message that came at `nowMs` of this page's clock. */
  follow(capturedNs: number, nowMs: number): void {
    const offsetNs = capturedNs - nowMs * 1e6;
    const far = this.offsetNs === null || Math.abs(offsetNs - this.offsetNs) > 2e9;
    this.offsetNs = far ? offsetNs : this.offsetNs! + 0.05 * (offsetNs - this.offsetNs!);
  }

  nowNs(nowMs: number): number {
    return nowMs * 1e6 + (this.offsetNs ?? 0);
  }
}
