/** One body of an uploaded clip: what holds for it at a moment. */

import type { BodyTimeline } from "../wire/answers";
import type { Vec3 } from "../wire/messages";
import { transpose } from "../state/joint_heat";
import type { Span } from "../state/lanes";
import type { Sample } from "../state/live_state";
import { indexAt } from "../state/player";
import { type Band, spanBands } from "../state/timeline";
import { poseAt } from "../scene/space";

export class ClipBody {
  readonly key: string;
  readonly bands: Band[];
  readonly samples: Sample[];
  /** Relevance, joints × moments, of the joints in `order`. */
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

  /** From its first frame to its last: actions are decided in between. */
  get span(): Span {
    const { frames } = this.part;
    if (!frames) return { startNs: 0, endNs: Infinity };
    const endS = frames.start_s + frames.joints_m.length / frames.rate_hz;
    return { startNs: frames.start_s * 1e9, endNs: endS * 1e9 };
  }

  /** The pose, or null while the body is not in sight. */
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

  probabilitiesAt(timeS: number): readonly number[] {
    return this.part.probabilities[this.moment(timeS)] ?? [];
  }

  relevanceAt(timeS: number): readonly number[] | null {
    return this.part.relevance[this.moment(timeS)] ?? null;
  }

  labelAt(timeS: number): string | undefined {
    return this.part.relevance_labels[this.moment(timeS)];
  }

  bandAt(timeS: number): Band | null {
    const atNs = timeS * 1e9;
    return this.bands.findLast((one) => one.startNs <= atNs && atNs <= one.endNs!) ?? null;
  }

  private moment(timeS: number): number {
    return indexAt(this.part.times_s, timeS);
  }
}
