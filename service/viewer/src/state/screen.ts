/** What is on the page at one moment, whether it is live, a clip or an exemplar. */

import type { Vec3 } from "../wire/messages";
import type { Theme } from "../page/colour";
import type { Verdict } from "./headline";
import type { HeatmapData } from "./joint_heat";
import type { Sample } from "./live_state";
import type { Player } from "./player";
import type { Band } from "./timeline";

/** A person as drawn. `relevance` is signed, one number a joint; `strength` 0–1 dims its glow. */
export interface ShownBody {
  key: string;
  joints: readonly Vec3[];
  confidence: readonly number[] | null;
  relevance: readonly number[] | null;
  strength: number;
  colour: string;
  tag: string;
  selected: boolean;
}

export interface Bar {
  label: string;
  probability: number;
  kind: "class" | "background";
}

export interface BodyChoice {
  key: string;
  text: string;
  colour: string;
  selected: boolean;
}

/** The panels beside the scene. Strings are sentences or "". */
export interface PanelData {
  kicker: string;
  verdict: Verdict;
  note: string;
  truth: string;
  bars: Bar[];
  heatmap: HeatmapData | null;
  heatTitle: string;
  heatSum: string;
  choices: BodyChoice[];
}

/** The span of time under the scene. `originNs` is the axis' zero; `playheadNs` null is its end. */
export interface TimeAxis {
  startNs: number;
  endNs: number;
  originNs: number;
  playheadNs: number | null;
  bands: readonly Band[];
  /** The lane of each body with bands, from 0. */
  lanes: ReadonlyMap<string, number>;
  samples: readonly Sample[];
  colourOf(key: string): number;
}

export interface Screen {
  readonly labels: readonly string[];
  readonly background: number;
  /** Everybody as of now; asked for on every drawn frame. */
  bodies(theme: Theme): ShownBody[];
  /** Changes whenever `panel` would answer anew. */
  version(): string;
  panel(theme: Theme): PanelData;
  /** Show the panels of the body of this key, of `bodies` or of `choices`. */
  choose(key: string): void;
  /** The time axis, `spanNs` long where it runs on, or null where time means nothing here. */
  axis(nowMs: number, spanNs: number): TimeAxis | null;
}

export interface PlayedScreen extends Screen {
  readonly player: Player;
  readonly title: string;
}

/**
 * The likeliest `most` classes, and the background wherever it ranks among them; none where there
 * is no prediction.
 */
export function topBars(
  probabilities: readonly number[],
  labels: readonly string[],
  background: number,
  most = 5,
): Bar[] {
  const bars = probabilities.map((probability, c): Bar => {
    const kind = c === background ? "background" : "class";
    return { label: labels[c] ?? "", probability, kind };
  });
  return bars.sort((a, b) => b.probability - a.probability).slice(0, most);
}
