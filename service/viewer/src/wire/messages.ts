/** The websocket messages of the service, field by field. */

/** x, y and z in metres, in camera space. */
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

/** The time from the capture of the frame to the message, by stage. Zeros are left out. */
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

/**
 * Which joints' movement made `label`, and when. `map` has one row for each `step_frames` frames,
 * oldest first, and one column for each joint; `joints` is its sum over time. All of `map` and the
 * `residual` add up to `logit` − `reference`.
 */
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

/** The explanation of a prediction. It is sent later, and not for every prediction. */
export interface RelevanceMessage {
  type: "relevance";
  stream: string;
  body_ids: number[];
  sequence: number;
  captured_ns: number;
  relevance: Relevance;
  timings: Timings;
}

/** The share, 0–1, of one joint in a label. */
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

/** Parses a message. Null if `text` is not a message of a known type. */
export function parseMessage(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    return KINDS.has((value as { type?: string }).type ?? "") ? (value as Message) : null;
  } catch {
    return null;
  }
}
