/** The REST answers of the service, field by field. */

import type { JointShare, Vec3 } from "./messages";
import type { WhyAnswer } from "./why";

/** A data set that the model was trained on. */
export interface TrainedOn {
  name: string;
  citation?: string;
  terms?: string;
}

export interface ModelCard {
  id: string;
  labels: string[];
  background: string;
  trained_on: TrainedOn[];
}

/** The answer of `GET /model`. */
export interface ModelAnswer {
  card: ModelCard;
  provider: string;
  exemplars: boolean;
}

/** The answer of `GET /exemplars`: the labels, ordered by index. */
export interface ExemplarsAnswer {
  labels: string[];
}

/** The answer of `GET /exemplars/{index}`: the averaged motion of a class, T frames of J joints. */
export interface Exemplar {
  label: string;
  rate_hz: number;
  joints_m: Vec3[][];
  confidence: number[];
}

/** One action of a clip. */
export interface ActionSpan {
  label: string;
  start_s: number;
  end_s: number;
  confidence: number;
  joints: JointShare[];
}

/**
 * The joints of a clip's body at an even rate from `start_s`, T frames of J joints. All confidences
 * of a frame are 0 while the body is out of view.
 */
export interface ClipFrames {
  rate_hz: number;
  start_s: number;
  joints_m: Vec3[][];
  confidence: number[][];
}

/** One body of a clip: P predictions of C classes, and T frames of J joints. */
export interface BodyTimeline {
  body: number;
  actions: ActionSpan[];
  times_s: number[];
  probabilities: number[][];
  relevance: number[][];
  relevance_labels: string[];
  frames: ClipFrames | null;
  /** Only if it was asked for: why each of `actions` has its label. */
  why?: (WhyAnswer | null)[] | null;
}

/** The answer of `POST /clips`: the main body of the clip, and the `others` in it. */
export interface ClipAnswer extends BodyTimeline {
  name: string;
  format: string;
  layout: string;
  duration_s: number;
  labels: string[];
  others: BodyTimeline[];
  notes?: string[];
}

/** A recording that the service makes or has made. */
export interface RecordingInfo {
  name: string;
  stream: string;
  state: "recording" | "finished" | "failed";
  bytes: number;
  note: string;
  seconds: number | null;
  frames: number | null;
}

/** The answer of `GET /recordings`, newest first. */
export interface RecordingsAnswer {
  enabled: boolean;
  recordings: RecordingInfo[];
}
