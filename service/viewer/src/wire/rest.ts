/** The REST requests to the service, and its addresses. */

import type { Atlas, AtlasSource, AtlasUnit } from "./atlas";
import type {
  ClipAnswer,
  Exemplar,
  ExemplarsAnswer,
  ModelAnswer,
  RecordingInfo,
  RecordingsAnswer,
} from "./answers";
import type { ActionMessage, StreamInfo } from "./messages";

/** An address relative to the page, so that the page also works under a proxy's sub-path. */
export function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** The address of the websocket that sends the messages of `stream`, or of all streams. */
export function websocketAddress(stream: string | null): string {
  const url = new URL("ws", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("max_hz", "30");
  if (stream) url.searchParams.set("streams", stream);
  return url.href;
}

/** The service refused or failed. The message is its sentence. */
export class ServiceError extends Error {}

/** The message of the ServiceError for a missing or wrong access token. */
export const TOKEN_NEEDED =
  "An access token is needed. Add /?token=YOUR-TOKEN to the address of this page once.";

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  // The service's own sentence names a header, which a browser user cannot set.
  if (response.status === 401) throw new ServiceError(TOKEN_NEEDED);
  throw new ServiceError(await sentenceOf(response));
}

async function sentenceOf(response: Response): Promise<string> {
  const fallback = `The service answered ${response.status} ${response.statusText}`.trim();
  try {
    const body = (await response.json()) as { error?: unknown };
    return typeof body.error === "string" ? body.error : fallback;
  } catch {
    return fallback;
  }
}

/** Sends a request. Throws ServiceError if the service refuses. */
export async function request<T>(path: string, options: RequestInit): Promise<T> {
  return answerOf<T>(await fetch(address(path), options));
}

function get<T>(path: string, timeoutMs = 8000): Promise<T> {
  return request<T>(path, { signal: AbortSignal.timeout(timeoutMs) });
}

/** The wait before a request without an answer is repeated. */
const RETRY_MS = 5000;

/**
 * Repeats a request until the service answers. Returns null if the service refuses, or if the answer
 * is no longer wanted.
 */
export async function untilAnswered<T>(
  request: () => Promise<T>,
  wanted: () => boolean,
): Promise<T | null> {
  while (wanted()) {
    try {
      return await request();
    } catch (error) {
      if (error instanceof ServiceError) return null;
    }
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
  return null;
}

export const fetchModel = (): Promise<ModelAnswer> => get("model");
export const fetchExemplars = (): Promise<ExemplarsAnswer> => get("exemplars");
export const fetchExemplar = (index: number): Promise<Exemplar> => get(`exemplars/${index}`);

/** The first request makes the service compute the atlas, which takes some seconds. */
const ATLAS_MS = 120_000;

/** The atlas from the service. Lists and motions are requested once. */
export class ServiceAtlas implements AtlasSource {
  private labels: Promise<string[]> | null = null;
  private readonly motions = new Map<string, Promise<Exemplar>>();

  overview(): Promise<Atlas> {
    return get<Atlas>("model/atlas", ATLAS_MS);
  }

  unit(unit: number): Promise<AtlasUnit> {
    return get<AtlasUnit>(`model/atlas/${unit}`, ATLAS_MS);
  }

  motion(label: string): Promise<Exemplar> {
    const known = this.motions.get(label) ?? this.fetched(label);
    this.motions.set(label, known);
    known.catch(() => this.motions.delete(label));
    return known;
  }

  private async fetched(label: string): Promise<Exemplar> {
    this.labels ??= fetchExemplars().then((answer) => answer.labels);
    this.labels.catch(() => (this.labels = null));
    const index = (await this.labels).indexOf(label);
    return fetchExemplar(index);
  }
}

/** The streams, and the service's wall clock in Unix milliseconds if the answer has it. */
export interface StreamsAnswer {
  streams: StreamInfo[];
  dateMs: number | null;
}

export async function fetchStreams(): Promise<StreamsAnswer> {
  const response = await fetch(address("streams"), { signal: AbortSignal.timeout(4000) });
  const dateMs = Date.parse(response.headers.get("date") ?? "");
  const { streams } = await answerOf<{ streams: StreamInfo[] }>(response);
  return { streams, dateMs: Number.isNaN(dateMs) ? null : dateMs };
}

/** The last starts and ends of actions, oldest first. */
export async function fetchActions(): Promise<ActionMessage[]> {
  return (await get<{ actions: ActionMessage[] }>("actions")).actions;
}

/** Uploads a clip. `signal` cancels it. Throws ServiceError if the service refuses. */
export async function postClip(file: File, signal: AbortSignal): Promise<ClipAnswer> {
  const form = new FormData();
  form.append("file", file, file.name);
  const request = { method: "POST", body: form, signal };
  return answerOf<ClipAnswer>(await fetch(address("clips?frames=true"), request));
}

export const fetchRecordings = (): Promise<RecordingsAnswer> => get("recordings", 4000);

/** Starts to record a stream. Throws ServiceError if the service refuses. */
export async function postRecording(stream: string): Promise<RecordingInfo> {
  const request = { method: "POST", body: JSON.stringify({ stream }) };
  return answerOf<RecordingInfo>(await fetch(address("recordings"), request));
}

/** Ends a recording; its file is kept. Throws ServiceError if the service refuses. */
export async function deleteRecording(name: string): Promise<RecordingInfo> {
  const request = { method: "DELETE" };
  return answerOf<RecordingInfo>(await fetch(address(`recordings/${name}`), request));
}
