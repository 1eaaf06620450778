/** The live stream that was chosen, as a screen. */

import type { Relevance } from "../wire/messages";
import { bodyColour, type Theme } from "../page/colour";
import { readable } from "../page/wording";
import { glowStrength, idle, tagOf, type Verdict, verdictOf } from "../state/headline";
import { type HeatmapData, jointOrder, transpose } from "../state/joint_heat";
import {
  type BodyState,
  HISTORY_NS,
  type LiveState,
  type ServiceClock,
  StreamView,
} from "../state/live_state";
import {
  type PanelData,
  type Screen,
  type ShownBody,
  type TimeAxis,
  topBars,
} from "../state/screen";

const EMPTY = new StreamView();

/** Relevance that is later than this, as where many people are watched, says how late. */
const WORTH_TELLING_S = 0.35;

export class LiveScreen implements Screen {
  stream: string | null = null;
  chosenBody: string | null = null;
  connected = false;
  /** Why the service does not let this page in; "" where it does. */
  refused = "";

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
    const info = this.info;
    const people = frame?.bodies.map((body) => body.id).join("+") ?? "";
    const shown = [
      this.stream,
      this.connected,
      this.refused,
      info?.state,
      info?.note,
      this.chosenBody,
    ];
    return [...shown, predictionCount, relevanceCount, people, Math.floor(frameCount / 6)].join(
      "|",
    );
  }

  bodies(theme: Theme): ShownBody[] {
    const present = this.view.present();
    const chosen = this.chosen(present);
    return (this.view.frame?.bodies ?? []).map((body) => {
      const state = present.find((one) => one.ids.includes(body.id)) ?? null;
      return {
        key: state?.key === String(body.id) ? state.key : `${state?.key ?? ""}/${body.id}`,
        joints: body.joints_m,
        confidence: body.confidence,
        relevance: state?.why?.relevance.joints ?? null,
        strength: glowStrength(state, this.labels, this.background),
        colour: bodyColour(theme, state?.colour ?? 0),
        tag: present.length > 1 && state ? tagOf(this.verdict(state)) : "",
        selected: state === chosen,
      };
    });
  }

  choose(key: string): void {
    this.chosenBody = key;
  }

  panel(theme: Theme): PanelData {
    const present = this.view.present();
    const body = this.chosen(present);
    const prediction = body?.prediction ?? null;
    const why = body?.why?.relevance ?? null;
    return {
      kicker: this.stream ? readable(this.stream) : "",
      verdict: this.verdict(body),
      note: this.refused || (this.info?.note ?? ""),
      truth: this.view.frame?.truth ?? "",
      bars: topBars(prediction?.probabilities ?? [], this.labels, this.background),
      heatmap: this.heat(body),
      heatTitle: why ? this.words(why.label) : "",
      heatSum: sumLine(why),
      choices: present.map((one) => ({
        key: one.key,
        text: `Person ${one.ids.join(" and ")}`,
        colour: bodyColour(theme, one.colour),
        selected: one === body,
      })),
    };
  }

  axis(nowMs: number, spanNs = HISTORY_NS): TimeAxis {
    const view = this.view;
    const endNs = this.clock.nowNs(nowMs);
    const startNs = endNs - spanNs;
    const bands = view.timeline.bands.filter((band) => (band.endNs ?? endNs) >= startNs);
    return {
      startNs,
      endNs,
      originNs: endNs,
      playheadNs: null,
      bands,
      lanes: view.lanesOf(bands),
      samples: (this.chosen(view.present())?.samples ?? []).filter((one) => one.atNs >= startNs),
      colourOf: (key) => view.colourOf(key),
    };
  }

  private get view(): StreamView {
    return this.stream === null ? EMPTY : this.state.view(this.stream);
  }

  private get info() {
    return this.stream === null ? undefined : this.state.infos.get(this.stream);
  }

  private chosen(present: readonly BodyState[]): BodyState | null {
    // Of a pair each person has a key of their own, which begins with the pair's.
    const wanted = this.chosenBody?.split("/")[0];
    return present.find((body) => body.key === wanted) ?? present[0] ?? null;
  }

  private verdict(body: BodyState | null): Verdict {
    const state = this.info?.state;
    if (!this.connected) return idle("waiting");
    if (state === "lost" || state === "failed" || state === "ended") return idle(state);
    if (!this.view.frame) return idle("waiting");
    if (!body) return idle("nobody");
    const band = this.view.timeline.open(body.key);
    if (!band && !body.prediction) return idle("early");
    return verdictOf(band, body.prediction?.probabilities ?? null, this.labels, this.background);
  }

  private words(label: string): string {
    return label === this.labels[this.background] ? "nothing known" : readable(label);
  }

  private heat(body: BodyState | null): HeatmapData | null {
    const hello = this.state.hello;
    if (!hello || !body?.why) return null;
    const { relevance, captured_ns: atNs } = body.why;
    const order = jointOrder(hello.layout.joints, hello.model.joints_used);
    const spanS = (relevance.map.length * relevance.step_frames) / hello.model.rate_hz;
    const lateS = Math.max(0, (body.prediction?.captured_ns ?? atNs) - atNs) / 1e9;
    return {
      joints: order.map((j) => hello.layout.joints[j]!),
      rows: transpose(relevance.map, order),
      totals: order.map((j) => relevance.joints[j] ?? 0),
      start: `${(spanS + lateS).toFixed(1)} s ago`,
      end: lateS < WORTH_TELLING_S ? "now" : `${lateS.toFixed(1)} s ago`,
      playhead: null,
    };
  }
}

/** The account of the heat map: what it adds up to, and what is left over. */
export function sumLine(relevance: Relevance | null): string {
  if (!relevance) return "";
  const { logit, reference, residual } = relevance;
  const below = reference < 0 ? `(${signed(reference)})` : signed(reference);
  // Of the numbers as they are shown, so that a reader's own sum agrees.
  const difference = Number(logit.toFixed(2)) - Number(reference.toFixed(2));
  const sum = `${signed(logit)} − ${below} = ${signed(difference)}`;
  return `Adds up to logit − reference = ${sum}; left over ${tiny(residual)}`;
}

const signed = (value: number) => value.toFixed(2).replace("-", "−");

function tiny(value: number): string {
  return value === 0 ? "0" : value.toExponential(0).replaceAll("-", "−");
}

/** The stream to show: the wanted one, else the first live one, else the first. */
export function pickStream(
  streams: readonly { name: string; state: string }[],
  wanted: string | null,
): string | null {
  const named = streams.find((stream) => stream.name === wanted);
  const live = streams.find((stream) => stream.state === "live");
  return (named ?? live ?? streams[0])?.name ?? null;
}
