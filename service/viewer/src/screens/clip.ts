/** An uploaded clip, and a class exemplar, as screens with a player. */

import type { ClipAnswer, Exemplar } from "../wire/answers";
import type { Hello } from "../wire/messages";
import { bodyColour, type Theme } from "../page/colour";
import { readable } from "../page/wording";
import { idle, tagOf, type Verdict, verdictOf } from "../state/headline";
import { type HeatmapData, jointOrder } from "../state/joint_heat";
import { lanesFor } from "../state/lanes";
import { Player } from "../state/player";
import {
  type PanelData,
  type PlayedScreen,
  type ShownBody,
  type TimeAxis,
  topBars,
} from "../state/screen";
import { poseAt } from "../scene/space";
import { ClipBody } from "./clip_body";

export class ClipScreen implements PlayedScreen {
  readonly player: Player;
  readonly title: string;
  readonly labels: readonly string[];
  readonly background: number;
  private readonly parts: ClipBody[];
  private readonly order: number[];
  private readonly lanes: ReadonlyMap<string, number>;
  private chosen = 0;

  constructor(
    private readonly clip: ClipAnswer,
    private readonly hello: Hello,
  ) {
    this.title = clip.name;
    this.labels = clip.labels;
    this.background = clip.labels.indexOf(hello.model.background);
    this.player = new Player(clip.duration_s, false);
    this.order = jointOrder(hello.layout.joints, hello.model.joints_used);
    this.parts = [clip, ...clip.others].map((part) => new ClipBody(part, this.order));
    this.lanes = lanesFor(new Map(this.parts.map((part) => [part.key, part.span])));
  }

  version(): string {
    return `${this.player.timeS.toFixed(2)}|${this.chosen}`;
  }

  choose(key: string): void {
    this.chosen = Math.max(
      0,
      this.parts.findIndex((part) => part.key === key),
    );
  }

  bodies(theme: Theme): ShownBody[] {
    const { timeS } = this.player;
    return this.parts.flatMap((part, i) => {
      const pose = part.poseAt(timeS);
      if (!pose) return [];
      const label = part.labelAt(timeS);
      return {
        ...pose,
        key: part.key,
        relevance: part.relevanceAt(timeS),
        strength: label !== undefined && label !== this.labels[this.background] ? 1 : 0.2,
        colour: bodyColour(theme, i),
        tag: this.parts.length > 1 ? tagOf(this.verdict(part)) : "",
        selected: i === this.chosen,
      };
    });
  }

  panel(theme: Theme): PanelData {
    const part = this.parts[this.chosen]!;
    const probabilities = part.probabilitiesAt(this.player.timeS);
    const label = part.labelAt(this.player.timeS);
    const heatmap = this.heat(part);
    return {
      kicker: `Clip ${this.clip.name}`,
      verdict: this.verdict(part),
      note: "",
      truth: "",
      bars: topBars(probabilities, this.labels, this.background),
      heatmap,
      heatTitle: label ? this.words(label) : "",
      heatSum: heatmap ? "Each column is one moment's label, summed over its window." : "",
      choices: this.parts.map((one, i) => ({
        key: one.key,
        text: `Person ${one.part.body}`,
        colour: bodyColour(theme, i),
        selected: i === this.chosen,
      })),
    };
  }

  axis(): TimeAxis {
    return {
      startNs: 0,
      endNs: Math.max(0.1, this.player.durationS) * 1e9,
      originNs: 0,
      playheadNs: this.player.timeS * 1e9,
      bands: this.parts.flatMap((part) => part.bands),
      lanes: this.lanes,
      samples: this.parts[this.chosen]!.samples,
      colourOf: (key) => this.parts.findIndex((part) => part.key === key),
    };
  }

  private verdict(part: ClipBody): Verdict {
    const { timeS } = this.player;
    if (!part.poseAt(timeS)) return idle("nobody");
    if (part.samples.length === 0) return idle("short");
    const probabilities = part.probabilitiesAt(timeS);
    return verdictOf(part.bandAt(timeS), probabilities, this.labels, this.background);
  }

  private words(label: string): string {
    return label === this.labels[this.background] ? "nothing known" : readable(label);
  }

  private heat(part: ClipBody): HeatmapData | null {
    const times = part.part.times_s;
    if (times.length === 0) return null;
    const [first, last] = [times[0]!, times.at(-1)!];
    const now = part.relevanceAt(this.player.timeS);
    const share = last > first ? (this.player.timeS - first) / (last - first) : 1;
    return {
      joints: this.order.map((j) => this.hello.layout.joints[j]!),
      rows: part.rows,
      totals: this.order.map((j) => now?.[j] ?? 0),
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

  choose(): void {
    // There is only one figure.
  }

  axis(): null {
    return null;
  }
}
