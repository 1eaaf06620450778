/** Small complete messages for tests. Fields that a test does not give have plain values. */

import type {
  ActionMessage,
  FrameMessage,
  Hello,
  PredictionMessage,
  Relevance,
  RelevanceMessage,
  StreamInfo,
  Vec3,
} from "../src/wire/messages";

export const LABELS = ["background", "wave", "clap", "squat"];

export function stream(name: string, more: Partial<StreamInfo> = {}): StreamInfo {
  const counts = { bodies: 1, frames: 0, predictions: 0, dropped: 0 };
  return { name, kind: "demo", state: "live", note: "", ...counts, ...more };
}

export function hello(more: Partial<Hello> = {}): Hello {
  const model = {
    id: "m",
    labels: LABELS,
    background: "background",
    joints_used: ["SpineBase", "Head"],
    rate_hz: 30,
    window_frames: 64,
    provider: "CPU",
  };
  const layout = {
    name: "kinect-v2",
    joints: ["SpineBase", "Head", "ThumbLeft"],
    bones: [[0, 1]] as [number, number][],
  };
  const streams = [stream("demo")];
  return { type: "hello", version: 2, model, layout, streams, wall_offset_ns: 0, ...more };
}

export function frame(atS: number, ids: number[], joints: Vec3[] = []): FrameMessage {
  const bodies = ids.map((id) => ({ id, joints_m: joints, confidence: null }));
  return {
    type: "frame",
    bodies,
    captured_ns: atS * 1e9,
    sequence: 0,
    stream: "demo",
    layout: "kinect-v2",
    truth: null,
    timings: {},
  };
}

export function prediction(atS: number, ids: number[], probabilities: number[]): PredictionMessage {
  const best = probabilities.indexOf(Math.max(...probabilities));
  return {
    type: "prediction",
    stream: "demo",
    body_ids: ids,
    sequence: 0,
    captured_ns: atS * 1e9,
    label: LABELS[best]!,
    confidence: probabilities[best]!,
    probabilities,
    timings: {},
  };
}

/** An explanation of two rows. */
export const RELEVANCE: Relevance = {
  label: "wave",
  logit: 3,
  reference: 1,
  residual: 0,
  step_frames: 4,
  joints: [0.5, 1.5, 0],
  map: [
    [0.2, 0.5, 0],
    [0.3, 1, 0],
  ],
};

export function relevance(atS: number, ids: number[], why: Relevance): RelevanceMessage {
  return {
    type: "relevance",
    stream: "demo",
    body_ids: ids,
    sequence: 0,
    captured_ns: atS * 1e9,
    relevance: why,
    timings: {},
  };
}

export function action(
  phase: ActionMessage["phase"],
  label: string,
  startS: number,
  atS: number,
  ids: number[] = [7],
): ActionMessage {
  return {
    type: "action",
    stream: "demo",
    body_ids: ids,
    label,
    phase,
    at_ns: atS * 1e9,
    started_ns: startS * 1e9,
    confidence: 0.9,
    joints: [{ joint: "HandRight", share: 0.5 }],
  };
}
