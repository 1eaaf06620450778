/** The answers about why an action got its label, field by field, and the requests for them. */

import type { ClipAnswer } from "./answers";
import type { ActionMessage, JointShare, Vec3 } from "./messages";
import { request, ServiceError } from "./rest";

/** A clause of a story, with its evidence. `body` among its joints is the whole body. */
export interface WhyClause {
  about: "movement" | "decided" | "contrast";
  text: string;
  start_s: number;
  end_s: number;
  share: number;
  joints: JointShare[];
  part?: string | null;
}

/** A unit of the network's first layer, over the E moments of an action. */
export interface WhyUnit {
  unit: number;
  joints: JointShare[];
  share: number;
  values: number[];
}

/** A score, split exactly over E moments of J joints, and E of the whole body. */
export interface WhySplit {
  score: number;
  reference: number;
  joints: number[][];
  body: number[];
  shares: JointShare[];
  residual: number;
}

/** The skeleton: F frames of J joints, x to the body's right, y up and z to its back. */
export interface WhyFrames {
  rate_hz: number;
  start_s: number;
  bones: [number, number][];
  joints_m: Vec3[][];
  seen: boolean[][];
}

/** The answer of `GET /actions/{id}/why`. */
export interface WhyAnswer {
  label: string;
  against: string;
  language: string;
  start_s: number;
  end_s: number;
  in_progress: boolean;
  /** The service's time of second 0; null in a clip. */
  zero_ns: number | null;
  text: string;
  clauses: WhyClause[];
  joint_names: string[];
  times_s: number[];
  split: WhySplit;
  contrast: WhySplit;
  units: WhyUnit[];
  depth: number[];
  frames: WhyFrames | null;
}

/** The language of the story, and the label to compare with: null for the next likely one. */
export interface WhyOptions {
  language: "en" | "de";
  against: string | null;
}

/** The id of a live action. */
export function actionId({ stream, body_ids: ids, started_ns: startedNs }: ActionMessage): string {
  return `${stream}:${ids[0] ?? 0}:${startedNs}`;
}

/** The stream in the id of an action, or null if the text is no id. */
export function streamOfId(id: string): string | null {
  return /^(.*):[^:]*:[^:]*$/.exec(id)?.[1] ?? null;
}

function query(options: WhyOptions): string {
  const asked = new URLSearchParams({ frames: "true", language: options.language });
  if (options.against !== null) asked.set("against", options.against);
  return asked.toString();
}

/** Some requests may wait in front of this one. */
const LIVE_MS = 20_000;
/** A clip is classified anew. */
const CLIP_MS = 120_000;

/** Why a live action got its label. Throws ServiceError if the service refuses. */
export function fetchWhy(id: string, options: WhyOptions): Promise<WhyAnswer> {
  const path = `actions/${encodeURIComponent(id)}/why?${query(options)}`;
  return request<WhyAnswer>(path, { signal: AbortSignal.timeout(LIVE_MS) });
}

/**
 * Why an action of a person in a clip got its label: uploads the clip again. Throws ServiceError if
 * the service refuses, or has no explanation of this action.
 */
export async function postWhy(
  file: File,
  body: number,
  startS: number,
  options: WhyOptions,
): Promise<WhyAnswer> {
  const form = new FormData();
  form.append("file", file, file.name);
  const asked = { method: "POST", body: form, signal: AbortSignal.timeout(CLIP_MS) };
  const clip = await request<ClipAnswer>(`clips?why=true&${query(options)}`, asked);
  const part = [clip, ...clip.others].find((one) => one.body === body);
  const index = part?.actions.findIndex((action) => action.start_s === startS) ?? -1;
  const why = part?.why?.[index];
  if (!why) throw new ServiceError("This action cannot be explained: its frames are gone.");
  return why;
}
