/** One body of an uploaded clip: its pose, action and explanation at any time of the clip. */

import type { BodyTimeline } from "../wire/answers";
import type { Vec3 } from "../wire/messages";
import { transpose } from "../state/joint_heat";
import type { Span } from "../state/lanes";
import { indexAt } from "../state/player";
import type { Sample } from "../state/stream_view";
import { type Band, spanBands } from "../state/timeline";
import { poseAt } from "../scene/space";

export class ClipBody {
  readonly key: string;
  readonly bands: Band[];
  readonly samples: Sample[];
  /** Relevance of the joints in `order`, joints × predictions. */
  readonly rows: number[][];

  constructor(
    readonly part: BodyTimeline,
    order: readonly number[],
  ) {
    this.key = `clip ${part.body}`;
    this.bands = spanBands(this.key, part.actions);
    this.rows = transpose(part.relevance, order);
    this.samples = part.times_s.map((timeS, p) => ({
      atNs: timeS * 1e9,
      probabilities: part.probabilities[p] ?? [],
    }));
  }

  /** The time from the first frame to the last, which all actions lie in. */
  get span(): Span {
    const { frames } = this.part;
    if (!frames) return { startNs: 0, endNs: Infinity };
    const endS = frames.start_s + frames.joints_m.length / frames.rate_hz;
    return { startNs: frames.start_s * 1e9, endNs: endS * 1e9 };
  }

  /** The pose, or null while the body is out of view. */
  poseAt(timeS: number): { joints: Vec3[]; confidence: number[] } | null {
    const { frames } = this.part;
    if (!frames || frames.joints_m.length === 0) return null;
    const withinS = timeS - frames.start_s;
    const last = frames.joints_m.length - 1;
    const frame = Math.min(last, Math.max(0, Math.floor(withinS * frames.rate_hz)));
    const confidence = frames.confidence[frame] ?? [];
    if (!confidence.some((sure) => sure > 0)) return null;
    const joints = poseAt(frames.joints_m, frames.rate_hz, withinS, frames.confidence);
    return { joints, confidence };
  }

  /** C probabilities, or none if the clip is too short for a prediction. */
  probabilitiesAt(timeS: number): readonly number[] {
    return this.part.probabilities[this.predictionAt(timeS)] ?? [];
  }

  /** J relevances in logits, or null if the clip is too short for a prediction. */
  relevanceAt(timeS: number): readonly number[] | null {
    return this.part.relevance[this.predictionAt(timeS)] ?? null;
  }

  /** The label that `relevanceAt` explains. */
  labelAt(timeS: number): string | undefined {
    return this.part.relevance_labels[this.predictionAt(timeS)];
  }

  bandAt(timeS: number): Band | null {
    const atNs = timeS * 1e9;
    return this.bands.findLast((one) => one.startNs <= atNs && atNs <= one.endNs!) ?? null;
  }

  private predictionAt(timeS: number): number {
    return indexAt(this.part.times_s, timeS);
  }
}
