/** The wire as the service speaks it: websocket messages and REST answers, field by field. */

export type Vec3 = readonly [number, number, number];

export interface LayoutInfo {
  name: string;
  joints: string[];
  bones: [number, number][];
}

export interface ModelInfo {
  id: string;
  labels: string[];
  background: string;
  joints_used: string[];
  rate_hz: number;
  window_frames: number;
  provider: string;
}

export type StreamState = "waiting" | "live" | "ended" | "lost" | "failed";

export interface StreamInfo {
  name: string;
  kind: string;
  state: StreamState;
  note: string;
  bodies: number;
  frames: number;
  predictions: number;
  dropped: number;
}

/** Milliseconds from the frame's capture to the message; what is zero is left out. */
export interface Timings {
  queue_ms?: number;
  features_ms?: number;
  model_ms?: number;
  relevance_ms?: number;
  total_ms?: number;
}

export interface Hello {
  type: "hello";
  version: number;
  model: ModelInfo;
  layout: LayoutInfo;
  streams: StreamInfo[];
  wall_offset_ns: number;
}

export interface BodyData {
  id: number;
  joints_m: Vec3[];
  confidence: number[] | null;
}

export interface FrameMessage {
  type: "frame";
  bodies: BodyData[];
  captured_ns: number;
  sequence: number;
  stream: string;
  layout: string;
  truth: string | null;
  timings: Timings;
}

/** `map` has a row for each `step_frames` frames, oldest first, and a column for each joint. */
export interface Relevance {
  label: string;
  logit: number;
  reference: number;
  residual: number;
  step_frames: number;
  joints: number[];
  map: number[][];
}

export interface PredictionMessage {
  type: "prediction";
  stream: string;
  body_ids: number[];
  sequence: number;
  captured_ns: number;
  label: string;
  confidence: number;
  probabilities: number[];
  timings: Timings;
}

/** Why a prediction said what it said: it comes a moment later, and not for every prediction. */
export interface RelevanceMessage {
  type: "relevance";
  stream: string;
  body_ids: number[];
  sequence: number;
  captured_ns: number;
  relevance: Relevance;
  timings: Timings;
}

export interface JointShare {
  joint: string;
  share: number;
}

export interface ActionMessage {
  type: "action";
  stream: string;
  body_ids: number[];
  label: string;
  phase: "start" | "update" | "end";
  at_ns: number;
  started_ns: number;
  confidence: number;
  joints: JointShare[];
  timings?: Timings;
  ended_ns?: number | null;
}

export interface StatusMessage {
  type: "status";
  stream: StreamInfo;
  at_ns: number;
}

export interface ErrorMessage {
  type: "error";
  text: string;
  field: string;
}

export type Message =
  | Hello
  | FrameMessage
  | PredictionMessage
  | RelevanceMessage
  | ActionMessage
  | StatusMessage
  | ErrorMessage;

const KINDS = new Set(["hello", "frame", "prediction", "relevance", "action", "status", "error"]);

/** The message in `text`, or null where it is none that this page knows. */
export function parseMessage(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    return KINDS.has((value as { type?: string }).type ?? "") ? (value as Message) : null;
  } catch {
    return null;
  }
}

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
