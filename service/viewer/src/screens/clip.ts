/** The screen of an uploaded clip. */

import type { ClipAnswer } from "../wire/answers";
import type { Hello } from "../wire/messages";
import { postWhy } from "../wire/why";
import { bodyColour, type Theme } from "../page/colour";
import { labelText } from "../page/wording";
import { type Headline, headlineOf, idle, subjectOf, tagText } from "../state/headline";
import {
  BACKGROUND_GLOW,
  emptyHeatmap,
  type HeatmapData,
  jointOrder,
  whyEmpty,
} from "../state/joint_heat";
import { inOrder, lanesFor } from "../state/lanes";
import { Player } from "../state/player";
import {
  type BodyChoice,
  type PanelData,
  type PlayedScreen,
  type ShownBody,
  type TimeAxis,
  topBars,
  type WhyQuestion,
} from "../state/screen";
import type { Band } from "../state/timeline";
import { ClipBody } from "./clip_body";

const SHORTEST_AXIS_S = 0.1;

export class ClipScreen implements PlayedScreen {
  readonly player: Player;
  readonly labels: readonly string[];
  readonly background: number;
  private readonly parts: ClipBody[];
  /** Indices of the joints of the heat map, in reading order. */
  private readonly order: number[];
  private readonly lanes: ReadonlyMap<string, number>;
  private chosen = 0;

  /** `file` is uploaded again to ask why. */
  constructor(
    private readonly clip: ClipAnswer,
    private readonly hello: Hello,
    private readonly file: File | null = null,
  ) {
    this.labels = clip.labels;
    this.background = clip.labels.indexOf(hello.model.background);
    this.player = new Player(clip.duration_s, false);
    this.order = jointOrder(hello.layout.joints, hello.model.joints_used);
    this.parts = [clip, ...clip.others].map((part) => new ClipBody(part, this.order));
    const spans = new Map(this.parts.map((part) => [part.key, part.span]));
    const numberOf = (key: string) => this.parts[this.indexOf(key)]!.part.body;
    this.lanes = inOrder(lanesFor(spans), spans, numberOf);
  }

  version(): string {
    return `${this.player.timeS.toFixed(2)}|${this.chosen}`;
  }

  choose(key: string): void {
    this.chosen = Math.max(0, this.indexOf(key));
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
        relevance: this.explainsHeadline(part) ? part.relevanceAt(timeS) : null,
        strength: label !== undefined && !this.isBackground(label) ? 1 : BACKGROUND_GLOW,
        colour: bodyColour(theme, i),
        tag: this.parts.length > 1 ? tagText(this.headline(part)) : "",
        number: this.parts.length > 1 ? String(part.part.body) : "",
        selected: i === this.chosen,
      };
    });
  }

  panel(theme: Theme): PanelData {
    const part = this.parts[this.chosen]!;
    const probabilities = part.probabilitiesAt(this.player.timeS);
    const headline = this.headline(part);
    const subject = subjectOf(headline, this.labels, this.background);
    const heatTitle = subject === null ? "" : labelText(subject, this.labels[this.background]);
    const explained = part.samples.length > 0;
    return {
      kicker: `Clip “${this.clip.name}”`,
      headline,
      action: headline.kind === "action" ? part.bandAt(this.player.timeS) : null,
      note: "",
      truth: "",
      bars: subject === null ? [] : topBars(probabilities, this.labels, this.background, subject),
      heatmap: this.heatmap(part),
      heatTitle,
      heatNote: explained ? "" : whyEmpty(headline, heatTitle),
      heatSum: explained ? "Each column explains the label at that moment." : "",
      heatNumbers: "",
      background: this.labels[this.background],
      choices: this.parts.map((one, i) => this.choice(one, i, theme)),
    };
  }

  axis(): TimeAxis {
    return {
      startNs: 0,
      endNs: Math.max(SHORTEST_AXIS_S, this.player.durationS) * 1e9,
      originNs: 0,
      originText: "0 s",
      playheadNs: this.player.timeS * 1e9,
      bands: this.parts.flatMap((part) => part.bands),
      lanes: this.lanes,
      samples: this.parts[this.chosen]!.samples,
      colourOf: (key) => this.indexOf(key),
      numberOf: (key) => String(this.parts[this.indexOf(key)]?.part.body ?? ""),
    };
  }

  why(band: Band): WhyQuestion | null {
    const { file } = this;
    const part = this.parts[this.indexOf(band.key)];
    const action = part?.part.actions[part.bands.indexOf(band)];
    if (!file || !part || !action) return null;
    const { body } = part.part;
    const { label, start_s: startS } = action;
    return { id: null, label, ask: (options) => postWhy(file, body, startS, options) };
  }

  private indexOf(key: string): number {
    return this.parts.findIndex((part) => part.key === key);
  }

  private isBackground(label: string): boolean {
    return label === this.labels[this.background];
  }

  private choice({ key, part }: ClipBody, i: number, theme: Theme): BodyChoice {
    const [number, colour] = [String(part.body), bodyColour(theme, i)];
    return { key, number, colour, selected: i === this.chosen };
  }

  private headline(part: ClipBody): Headline {
    const { timeS } = this.player;
    if (!part.poseAt(timeS)) return idle("nobody");
    if (part.samples.length === 0) return idle("short");
    const probabilities = part.probabilitiesAt(timeS);
    return headlineOf(part.bandAt(timeS), probabilities, this.labels, this.background);
  }

  /** Tells whether the explanation at the playhead is of the label that the headline speaks of. */
  private explainsHeadline(part: ClipBody): boolean {
    const subject = subjectOf(this.headline(part), this.labels, this.background);
    return part.labelAt(this.player.timeS) === subject;
  }

  private heatmap(part: ClipBody): HeatmapData {
    const joints = this.order.map((j) => this.hello.layout.joints[j]!);
    const times = part.part.times_s;
    if (times.length === 0) return emptyHeatmap(joints);
    const [first, last] = [times[0]!, times.at(-1)!];
    const now = this.explainsHeadline(part) ? part.relevanceAt(this.player.timeS) : null;
    const share = last > first ? (this.player.timeS - first) / (last - first) : 1;
    return {
      joints,
      rows: part.rows,
      totals: this.order.map((j) => now?.[j] ?? 0),
      start: `${first.toFixed(1)} s`,
      end: `${last.toFixed(1)} s`,
      playhead: Math.min(1, Math.max(0, share)),
    };
  }
}
