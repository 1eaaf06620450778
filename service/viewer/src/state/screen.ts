/** What the page shows: a screen is the live stream, a clip or an exemplar. */

import type { Vec3 } from "../wire/messages";
import type { WhyAnswer, WhyOptions } from "../wire/why";
import type { Theme } from "../page/colour";
import type { Headline } from "./headline";
import type { HeatmapData } from "./joint_heat";
import type { Player } from "./player";
import type { Sample } from "./stream_view";
import type { Band } from "./timeline";

/** One of the things that the page can show. */
export interface Screen {
  readonly labels: readonly string[];
  /** The index of the background in `labels`, or −1. */
  readonly background: number;
  /** Everybody in view now. Called for every drawn frame. */
  bodies(theme: Theme): ShownBody[];
  /** A text that changes whenever `panel` would return something new. */
  version(): string;
  panel(theme: Theme): PanelData;
  /** Shows the panels of the body with this key, from `bodies` or `choices`. */
  choose(key: string): void;
  /**
   * The time axis, or null if the screen has none. A live axis is `spanNs` long; the axis of a
   * clip is as long as the clip.
   */
  axis(nowMs: number, spanNs: number): TimeAxis | null;
  /** The question why an action got its label. */
  why(band: Band): WhyQuestion | null;
}

/** Asks the service why an action got its label. */
export interface WhyQuestion {
  /** The id of a live action; null in a clip. */
  id: string | null;
  /** The label, or "" if only the id is known. */
  label: string;
  ask(options: WhyOptions): Promise<WhyAnswer>;
}

/** A screen with a player: a clip or an exemplar. */
export interface PlayedScreen extends Screen {
  readonly player: Player;
}

/** A person as drawn in the scene. */
export interface ShownBody {
  key: string;
  /** J points in camera space, metres. */
  joints: readonly Vec3[];
  /** J numbers; 0 for a joint that was not seen. Null if all were seen. */
  confidence: readonly number[] | null;
  /** J numbers in logits, positive for the label; null without an explanation. */
  relevance: readonly number[] | null;
  /** How bright the joints may glow, 0–1. */
  strength: number;
  /** A hex colour. */
  colour: string;
  /** The text above the head, or "". */
  tag: string;
  /** The number on the chest, or "" if only one person is in view. */
  number: string;
  selected: boolean;
}

/** The contents of the panels around the scene. Texts are sentences or "". */
export interface PanelData {
  /** The small line above the headline. */
  kicker: string;
  headline: Headline;
  /** The action that the headline speaks of: the current one, or the last one. */
  action: Band | null;
  note: string;
  /** The true label, where the source knows it. */
  truth: string;
  bars: Bar[];
  heatmap: HeatmapData | null;
  /** The label that the heat map explains. */
  heatTitle: string;
  /** Why the heat map is empty, or "". */
  heatNote: string;
  /** The line under the heat map, and the numbers behind it, shown on demand. */
  heatSum: string;
  heatNumbers: string;
  /** The label of the background. */
  background: string | undefined;
  choices: BodyChoice[];
}

/** One of the most likely classes. */
export interface Bar {
  label: string;
  probability: number;
  kind: "class" | "background";
}

/** A button that chooses a person. */
export interface BodyChoice {
  key: string;
  number: string;
  colour: string;
  selected: boolean;
}

/** The time axis under the scene, and what lies on it. */
export interface TimeAxis {
  startNs: number;
  endNs: number;
  /** The moment that the axis calls 0. */
  originNs: number;
  /** What the axis calls that moment. */
  originText: string;
  /** The moment to mark, or null. */
  playheadNs: number | null;
  bands: readonly Band[];
  /** The lane of each body that has bands, from 0. */
  lanes: ReadonlyMap<string, number>;
  samples: readonly Sample[];
  /** The palette index of a body. */
  colourOf(key: string): number;
  /** The number of a body on the page. */
  numberOf(key: string): string;
}

/**
 * The `most` most likely classes, first that of the headline (`subject`), which may lead no more
 * while its action ends. The background is among them if it ranks there. Empty without
 * probabilities.
 */
export function topBars(
  probabilities: readonly number[],
  labels: readonly string[],
  background: number,
  subject: string | null,
  most = 4,
): Bar[] {
  const bars = probabilities.map((probability, c): Bar => {
    const kind = c === background ? "background" : "class";
    return { label: labels[c] ?? "", probability, kind };
  });
  const first = (bar: Bar) => (bar.label === subject ? 1 : 0);
  const ranked = bars.sort((a, b) => first(b) - first(a) || b.probability - a.probability);
  return ranked.slice(0, most);
}
