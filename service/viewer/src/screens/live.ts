/** The screen of a live stream. */

import type { RelevanceMessage, StreamInfo } from "../wire/messages";
import { bodyColour, type Theme } from "../page/colour";
import { LATE_FROM_S, labelText, readable } from "../page/wording";
import {
  type Headline,
  headlineOf,
  idle,
  type PastAction,
  subjectOf,
  tagText,
} from "../state/headline";
import { glowStrength, numbersText, sumText, whyEmpty } from "../state/joint_heat";
import type { LiveState } from "../state/live_state";
import {
  type BodyChoice,
  type PanelData,
  type Screen,
  type ShownBody,
  type TimeAxis,
  topBars,
  type WhyQuestion,
} from "../state/screen";
import type { ServiceClock } from "../state/service_clock";
import { type BodyState, HISTORY_NS, StreamView } from "../state/stream_view";
import type { Band } from "../state/timeline";
import { liveHeatmap, liveQuestion } from "./live_explanation";

const EMPTY = new StreamView();

/** Streams whose capture times are those of a recording, which may play slower or faster. */
const PACED_KINDS = ["replay", "video"];
/** Without predictions, only one frame in this many refreshes the panels. */
const FRAMES_PER_VERSION = 6;

export class LiveScreen implements Screen {
  stream: string | null = null;
  connected = false;
  /** Whether the connection broke, rather than being opened for the first time. */
  lost = false;
  /** The sentence with which the service refuses this page, or "". */
  refused = "";
  private chosenKey: string | null = null;
  /** How late frames are while labels are called late, else 0. */
  private framesLateNs = 0;

  constructor(
    private readonly state: LiveState,
    private readonly clock: ServiceClock,
  ) {}

  get labels(): readonly string[] {
    return this.state.hello?.model.labels ?? [];
  }

  get background(): number {
    return this.labels.indexOf(this.state.hello?.model.background ?? "");
  }

  version(): string {
    const { frameCount, predictionCount, relevanceCount, frame } = this.view;
    const people = frame?.bodies.map((body) => body.id).join("+") ?? "";
    return [
      this.stream,
      this.connected,
      this.lost,
      this.refused,
      this.info?.state,
      this.info?.note,
      this.chosenKey,
      predictionCount,
      relevanceCount,
      people,
      Math.floor(frameCount / FRAMES_PER_VERSION),
    ].join("|");
  }

  bodies(theme: Theme): ShownBody[] {
    const present = this.view.present();
    const chosen = this.chosen(present);
    return (this.view.frame?.bodies ?? []).map((body) => {
      const state = present.find((one) => one.ids.includes(body.id)) ?? null;
      const relevance = this.explanation(state)?.relevance ?? null;
      const probabilities = state?.prediction?.probabilities;
      return {
        // Each member of a group has a key of its own, which begins with the key of the group.
        key: state?.key === String(body.id) ? state.key : `${state?.key ?? ""}/${body.id}`,
        joints: body.joints_m,
        confidence: body.confidence,
        relevance: relevance?.joints ?? null,
        strength: glowStrength(relevance, probabilities, this.labels, this.background),
        colour: bodyColour(theme, state?.colour ?? 0),
        tag: this.connected && present.length > 1 && state ? tagText(this.headline(state)) : "",
        number: present.length > 1 && state ? this.view.numberOf(state.key) : "",
        selected: state === chosen,
      };
    });
  }

  choose(key: string): void {
    this.chosenKey = key;
  }

  panel(theme: Theme): PanelData {
    const present = this.view.present();
    const body = this.chosen(present);
    const headline = this.headline(body);
    const subject = this.subject(headline);
    const relevance = this.explanation(body)?.relevance ?? null;
    const probabilities = subject === null ? [] : (body?.prediction?.probabilities ?? []);
    const heatTitle = subject === null ? "" : labelText(subject, this.labels[this.background]);
    return {
      kicker: this.kicker,
      headline,
      action: body && this.actionOf(body, headline),
      note: this.refused || (this.info?.note ?? ""),
      truth: (this.connected && this.view.frame?.truth) || "",
      bars: topBars(probabilities, this.labels, this.background, subject),
      heatmap:
        this.state.hello &&
        liveHeatmap(this.state.hello, this.explanation(body), body, this.framesLateNs),
      heatTitle,
      heatNote: relevance ? "" : whyEmpty(headline, heatTitle),
      heatSum: sumText(relevance),
      heatNumbers: numbersText(relevance),
      background: this.labels[this.background],
      choices: present.map((one) => this.choice(one, one === body, theme)),
    };
  }

  axis(nowMs: number, spanNs = HISTORY_NS): TimeAxis {
    const view = this.view;
    // While the connection is lost, time stands still, so that nothing leaves the timeline.
    const endNs = this.lost ? this.state.lastFrameNs : this.clock.nowNs(nowMs) + this.framesLateNs;
    const startNs = endNs - spanNs;
    // Of an open action nothing is known after the newest frame.
    const knownNs = endNs - this.framesLateNs;
    const bands = view.timeline.bands
      .filter((band) => (band.endNs ?? endNs) >= startNs)
      .map((band) => (this.framesLateNs > 0 ? { ...band, endNs: band.endNs ?? knownNs } : band));
    return {
      startNs,
      endNs,
      originNs: endNs,
      originText: this.lost ? "lost" : "now",
      playheadNs: null,
      bands,
      lanes: view.lanesOf(bands, endNs),
      samples: (this.chosen(view.present())?.samples ?? []).filter((one) => one.atNs >= startNs),
      colourOf: (key) => view.colourOf(key),
      numberOf: (key) => view.numberOf(key),
    };
  }

  why({ id, label }: Band): WhyQuestion | null {
    return id === undefined ? null : liveQuestion(id, label);
  }

  /** How late the labels in view are when the browser's wall clock is at `wallMs`, in seconds. */
  lateS(wallMs: number): number {
    const view = this.view;
    this.framesLateNs = 0;
    if (!this.connected || this.info?.state !== "live" || !view.frame) return 0;
    const times = view.present().map((body) => body.prediction?.captured_ns ?? 0);
    const newestNs = Math.max(0, ...times);
    if (newestNs === 0) return 0;
    const paced = PACED_KINDS.includes(this.info.kind);
    const nowNs = paced ? view.frame.captured_ns : this.clock.wallNs(wallMs);
    const lateS = Math.max(0, (nowNs - newestNs) / 1e9);
    if (lateS >= LATE_FROM_S) this.framesLateNs = Math.max(0, nowNs - view.frame.captured_ns);
    return lateS;
  }

  /** The number of people in the newest frame, or null without one. */
  get people(): number | null {
    return this.view.frame?.bodies.length ?? null;
  }

  private get kicker(): string {
    const name = this.stream ? readable(this.stream) : "";
    const lateS = Math.floor(this.framesLateNs / 1e9);
    return lateS > 0 ? `${name}, ${lateS} s late` : name;
  }

  private get view(): StreamView {
    return this.stream === null ? EMPTY : this.state.view(this.stream);
  }

  private get info(): StreamInfo | undefined {
    return this.stream === null ? undefined : this.state.infos.get(this.stream);
  }

  private chosen(present: readonly BodyState[]): BodyState | null {
    const wanted = this.chosenKey?.split("/")[0];
    return present.find((body) => body.key === wanted) ?? present[0] ?? null;
  }

  private headline(body: BodyState | null): Headline {
    const state = this.info?.state;
    if (!this.connected) return idle(this.lost && this.view.frame ? "disconnected" : "waiting");
    if (state === "lost" || state === "failed" || state === "ended") return idle(state);
    if (!this.view.frame) return idle("waiting");
    if (!body) return idle("nobody");
    const band = this.view.timeline.open(body.key);
    if (!band && !body.prediction) return idle("early");
    const probabilities = body.prediction?.probabilities ?? null;
    const headline = headlineOf(band, probabilities, this.labels, this.background);
    return headline.kind === "action" ? headline : { ...headline, ...this.lastOf(body) };
  }

  /** The last action of a body, if it ended not long ago. */
  private lastOf({ key }: BodyState): { last?: PastAction } {
    const { frame, timeline } = this.view;
    const band = timeline.last(key);
    if (!frame || !band || band.endNs === null) return {};
    const agoNs = Math.max(0, frame.captured_ns + this.framesLateNs - band.endNs);
    return agoNs > HISTORY_NS ? {} : { last: { label: band.label, agoS: agoNs / 1e9 } };
  }

  /** The action that the headline of a body speaks of. */
  private actionOf({ key }: BodyState, { kind, last }: Headline): Band | null {
    const { timeline } = this.view;
    if (kind === "action") return timeline.open(key);
    return last ? timeline.last(key) : null;
  }

  private choice({ key, colour }: BodyState, selected: boolean, theme: Theme): BodyChoice {
    const number = this.view.numberOf(key);
    return { key, number, colour: bodyColour(theme, colour), selected };
  }

  private subject(headline: Headline): string | null {
    return subjectOf(headline, this.labels, this.background);
  }

  /** The newest explanation of the label that the headline of this body speaks of. */
  private explanation(body: BodyState | null): RelevanceMessage | null {
    return body?.explanations.get(this.subject(this.headline(body)) ?? "") ?? null;
  }
}
