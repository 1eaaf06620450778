/** The record button: starts and stops the recording of the stream in view, and shows its state. */

import type { RecordingInfo, RecordingsAnswer } from "../wire/answers";
import { address, deleteRecording, fetchRecordings, postRecording } from "../wire/rest";
import { element, setText } from "../page/dom";
import { clockTime, readable } from "../page/wording";

/** What the button and the line above it show. */
export interface RecordView {
  hidden: boolean;
  recording: boolean;
  label: string;
  note: string;
  /** The name of the finished recording to download, or null. */
  file: string | null;
}

/** The recording of a stream that is under way, else its newest one, else null. */
export function recordingOf(
  answer: RecordingsAnswer | null,
  stream: string | null,
): RecordingInfo | null {
  const own = answer?.recordings.filter((recording) => recording.stream === stream) ?? [];
  return own.find((recording) => recording.state === "recording") ?? own[0] ?? null;
}

/**
 * The contents of the button and its line. `mine` is the recording that this page started or saw
 * under way; older ones are not mentioned. While something other than the stream is in view
 * (`away`), a recording can be stopped but not started.
 */
export function recordView(
  answer: RecordingsAnswer | null,
  stream: string | null,
  mine: string | null,
  problem: string,
  away = false,
): RecordView {
  const newest = recordingOf(answer, stream);
  const recording = newest?.state === "recording";
  const finished = newest !== null && newest.name === mine && !recording;
  return {
    hidden: !answer?.enabled || stream === null || (away && !recording),
    recording,
    label: recording ? stopText(away ? stream : null) : "Record",
    note: problem || noteOf(newest, recording, finished),
    file: finished && !problem ? newest.name : null,
  };
}

function stopText(stream: string | null): string {
  return stream === null ? "Stop recording" : `Stop recording ${readable(stream)}`;
}

function noteOf(newest: RecordingInfo | null, recording: boolean, finished: boolean): string {
  if (newest === null) return "";
  if (recording) return `Recording ${lengthOf(newest)}`;
  if (!finished) return "";
  const result = newest.state === "failed" ? "Recording failed" : "Recorded";
  const reason = newest.note ? `: ${newest.note}` : "";
  return `${result} ${lengthOf(newest)}${reason}`;
}

function lengthOf(recording: RecordingInfo): string {
  const mib = recording.bytes / 2 ** 20;
  return `${clockTime(recording.seconds ?? 0)}, ${mib.toFixed(1)} MiB`;
}

/** How often the state is requested, without and with a recording under way. */
const IDLE_MS = 5000;
const RECORDING_MS = 1000;

export class RecordButton {
  private readonly button = element<HTMLButtonElement>("record");
  private readonly note = element("record-note");
  private readonly link = element<HTMLAnchorElement>("record-file");
  private answer: RecordingsAnswer | null = null;
  private mine: string | null = null;
  private problem = "";
  private requestedMs = -Infinity;
  private working = false;
  private shown = "";

  /** `stream` returns the name of the live stream that the page is set to. */
  constructor(private readonly stream: () => string | null) {
    this.button.addEventListener("click", () => void this.toggle());
  }

  /**
   * Call it often: it requests the state from the service only now and then, and only while the
   * connection is `open`. `away` is true while something other than the stream is in view.
   */
  draw(nowMs: number, open: boolean, away: boolean): void {
    const recording = recordingOf(this.answer, this.stream())?.state === "recording";
    if (open && nowMs - this.requestedMs > (recording ? RECORDING_MS : IDLE_MS)) {
      this.requestedMs = nowMs;
      void this.refresh();
    }
    this.show(open, away);
  }

  private async refresh(): Promise<void> {
    const answer = await fetchRecordings().catch(() => null);
    if (!answer) return;
    this.answer = answer;
    const newest = recordingOf(answer, this.stream());
    if (newest?.state === "recording") this.mine = newest.name;
  }

  private async toggle(): Promise<void> {
    const stream = this.stream();
    if (this.working || stream === null) return;
    this.working = true;
    this.problem = "";
    try {
      this.mine = (await startOrStop(stream, recordingOf(this.answer, stream))).name;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
    await this.refresh();
    this.working = false;
  }

  private show(open: boolean, away: boolean): void {
    const view = recordView(this.answer, this.stream(), this.mine, this.problem, away);
    const key = JSON.stringify([view, this.working, open]);
    if (key === this.shown) return;
    this.shown = key;
    this.button.hidden = view.hidden;
    this.button.disabled = this.working || !open;
    this.button.setAttribute("aria-pressed", String(view.recording));
    setText(this.button, view.label);
    element("record-line").hidden = view.hidden || view.note === "";
    setText(this.note, view.note);
    this.link.hidden = view.file === null;
    if (view.file !== null) this.link.href = address(`recordings/${view.file}`);
  }
}

function startOrStop(stream: string, newest: RecordingInfo | null): Promise<RecordingInfo> {
  return newest?.state === "recording" ? deleteRecording(newest.name) : postRecording(stream);
}
