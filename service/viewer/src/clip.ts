/** An uploaded clip, and a class exemplar, as screens with a player. */

import { bodyColour, type Theme } from "./colour";
import type { ShownBody } from "./figure";
import { type HeatmapData, jointOrder, transpose } from "./heatmap";
import type { ClipResult, Exemplar, Hello } from "./messages";
import { indexAt, Player } from "./player";
import { type PanelData, type Screen, type TimeAxis, topBars } from "./screen";
import { poseAt } from "./space";
import type { Sample } from "./state";
import { readable } from "./text";
import { type Band, clipBands } from "./timeline";
import { type Verdict, verdictOf } from "./verdict";

export interface PlayedScreen extends Screen {
  readonly player: Player;
  readonly title: string;
}

export class ClipScreen implements PlayedScreen {
  readonly player: Player;
  readonly title: string;
  readonly labels: readonly string[];
  readonly background: number;
  private readonly bands: Band[];
  private readonly samples: Sample[];
  private readonly order: number[];
  private readonly rows: number[][];

  constructor(
    private readonly clip: ClipResult,
    private readonly hello: Hello,
  ) {
    this.title = clip.name;
    this.labels = clip.labels;
    this.background = clip.labels.indexOf(hello.model.background);
    this.player = new Player(clip.duration_s, false);
    this.bands = clipBands(clip.actions);
    this.samples = clip.times_s.map((timeS, p) => ({
      atNs: timeS * 1e9,
      probabilities: clip.probabilities[p] ?? [],
    }));
    this.order = jointOrder(hello.layout.joints, hello.model.joints_used);
    this.rows = transpose(clip.relevance ?? [], this.order);
  }

  version(): string {
    return this.player.timeS.toFixed(2);
  }

  bodies(theme: Theme): ShownBody[] {
    const { joints_m, confidence, rate_hz } = this.clip.frames;
    const frame = Math.min(Math.floor(this.player.timeS * rate_hz), joints_m.length - 1);
    const label = this.clip.relevance_labels[this.moment];
    const known = label !== undefined && label !== this.labels[this.background];
    return [
      {
        key: `clip ${this.title}`,
        joints: poseAt(joints_m, rate_hz, this.player.timeS),
        confidence: confidence[frame] ?? null,
        relevance: this.clip.relevance?.[this.moment] ?? null,
        strength: known ? 1 : 0.2,
        colour: bodyColour(theme, 0),
        tag: "",
        selected: true,
      },
    ];
  }

  panel(): PanelData {
    const probabilities = this.clip.probabilities[this.moment] ?? [];
    const label = this.clip.relevance_labels[this.moment];
    return {
      kicker: `Clip ${this.clip.name}`,
      verdict: this.verdict(probabilities),
      note: "",
      truth: "",
      bars: topBars(probabilities, this.labels, this.background),
      heatmap: this.heat(),
      heatTitle: label ? this.words(label) : "",
      heatSum: "Each column is one moment's label, summed over its window.",
      choices: [],
    };
  }

  axis(): TimeAxis {
    return {
      startNs: 0,
      endNs: Math.max(0.1, this.player.durationS) * 1e9,
      originNs: 0,
      playheadNs: this.player.timeS * 1e9,
      bands: this.bands,
      lanes: ["clip"],
      samples: this.samples,
      colourOf: () => 0,
    };
  }

  /** The index of the prediction that holds at the playhead. */
  private get moment(): number {
    return indexAt(this.clip.times_s, this.player.timeS);
  }

  private verdict(probabilities: readonly number[]): Verdict {
    const atNs = this.player.timeS * 1e9;
    const band = this.bands.findLast((one) => one.startNs <= atNs && atNs <= one.endNs!) ?? null;
    return verdictOf(band, probabilities, this.labels, this.background);
  }

  private words(label: string): string {
    return label === this.labels[this.background] ? "nothing known" : readable(label);
  }

  private heat(): HeatmapData | null {
    if (!this.clip.relevance) return null;
    const now = this.clip.relevance[this.moment] ?? [];
    const [first, last] = [this.clip.times_s[0] ?? 0, this.clip.times_s.at(-1) ?? 0];
    const share = last > first ? (this.player.timeS - first) / (last - first) : 1;
    return {
      joints: this.order.map((j) => this.hello.layout.joints[j]!),
      rows: this.rows,
      totals: this.order.map((j) => now[j] ?? 0),
      start: `${first.toFixed(1)} s`,
      end: `${last.toFixed(1)} s`,
      playhead: Math.min(1, Math.max(0, share)),
    };
  }
}

export class ExemplarScreen implements PlayedScreen {
  readonly player: Player;
  readonly title: string;
  readonly labels: readonly string[] = [];
  readonly background = -1;

  constructor(private readonly exemplar: Exemplar) {
    this.title = readable(exemplar.label);
    this.player = new Player(exemplar.joints_m.length / exemplar.rate_hz, true);
  }

  version(): string {
    return this.title;
  }

  bodies(theme: Theme): ShownBody[] {
    const { joints_m, rate_hz, confidence } = this.exemplar;
    return [
      {
        key: `exemplar ${this.title}`,
        joints: poseAt(joints_m, rate_hz, this.player.timeS),
        confidence,
        relevance: null,
        strength: 0,
        colour: bodyColour(theme, 0),
        tag: "",
        selected: true,
      },
    ];
  }

  panel(): PanelData {
    return {
      kicker: "What it looks like",
      verdict: {
        kind: "exemplar",
        label: this.exemplar.label,
        confidence: null,
        perhaps: null,
        joints: [],
      },
      note: "An averaged motion over the training people, not a recording.",
      truth: "",
      bars: [],
      heatmap: null,
      heatTitle: "",
      heatSum: "",
      choices: [],
    };
  }

  axis(): null {
    return null;
  }
}
