/** The REST answers of the service, field by field. */

import type { JointShare, Vec3 } from "./messages";

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

/** The answer of `GET /exemplars`: the labels, in the order of their index. */
export interface ExemplarsAnswer {
  labels: string[];
}

export interface Exemplar {
  label: string;
  rate_hz: number;
  joints_m: Vec3[][];
  confidence: number[];
}

export interface ActionSpan {
  label: string;
  start_s: number;
  end_s: number;
  confidence: number;
  joints: JointShare[];
}

/** A body of a clip at an even rate from `start_s`; all confidences 0 where it is out of sight. */
export interface ClipFrames {
  rate_hz: number;
  start_s: number;
  joints_m: Vec3[][];
  confidence: number[][];
}

/** One body of a clip: P moments of prediction, T frames of joints. */
export interface BodyTimeline {
  body: number;
  actions: ActionSpan[];
  times_s: number[];
  probabilities: number[][];
  relevance: number[][];
  relevance_labels: string[];
  frames: ClipFrames | null;
}

/** The answer to an uploaded clip: its main body, and the `others` in it. */
export interface ClipAnswer extends BodyTimeline {
  name: string;
  format: string;
  layout: string;
  duration_s: number;
  labels: string[];
  others: BodyTimeline[];
}

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
