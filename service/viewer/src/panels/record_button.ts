/** The record button: begins and ends the recording of the stream in view, and says how it is. */

import type { RecordingInfo, RecordingsAnswer } from "../wire/answers";
import { address, deleteRecording, fetchRecordings, postRecording } from "../wire/rest";
import { element, setText } from "../page/dom";
import { clockTime, readable } from "../page/wording";

/** What the button and the line beside it show. */
export interface RecordView {
  hidden: boolean;
  recording: boolean;
  label: string;
  note: string;
  /** The recording to fetch, where there is one that has ended. */
  file: string | null;
}

/** The newest recording of a stream, and one that is under way before any other. */
export function recordingOf(
  answer: RecordingsAnswer | null,
  stream: string | null,
): RecordingInfo | null {
  const own = answer?.recordings.filter((recording) => recording.stream === stream) ?? [];
  return own.find((recording) => recording.state === "recording") ?? own[0] ?? null;
}

/**
 * `mine` is the recording that this page began or saw begin; older ones are not spoken of. While
 * something else than the stream is in view (`away`) no recording is begun, but one can be ended.
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
  const told = newest !== null && newest.name === mine && !recording;
  return {
    hidden: !answer?.enabled || stream === null || (away && !recording),
    recording,
    label: recording ? stopWords(away ? stream : null) : "Record",
    note: problem || noteOf(newest, recording, told),
    file: told && !problem ? newest.name : null,
  };
}

function stopWords(stream: string | null): string {
  return stream === null ? "Stop recording" : `Stop recording ${readable(stream)}`;
}

function noteOf(newest: RecordingInfo | null, recording: boolean, told: boolean): string {
  if (newest === null) return "";
  if (recording) return `Recording ${lengthOf(newest)}`;
  if (!told) return "";
  const how = newest.state === "failed" ? "Recording failed" : "Recorded";
  const why = newest.note ? `: ${newest.note}` : "";
  return `${how} ${lengthOf(newest)}${why}`;
}

function lengthOf(recording: RecordingInfo): string {
  const mib = recording.bytes / 2 ** 20;
  return `${clockTime(recording.seconds ?? 0)}, ${mib.toFixed(1)} MiB`;
}

const IDLE_MS = 5000;
const BUSY_MS = 1000;

export class RecordButton {
  private readonly button = element<HTMLButtonElement>("record");
  private readonly note = element("record-note");
  private readonly fetch = element<HTMLAnchorElement>("record-file");
  private answer: RecordingsAnswer | null = null;
  private mine: string | null = null;
  private problem = "";
  private askedMs = -Infinity;
  private working = false;
  private shown = "";

  constructor(private readonly stream: () => string | null) {
    this.button.addEventListener("click", () => void this.toggle());
  }

  /**
   * Call it often; it asks the service only now and then, where the link to it is `open`. `away`
   * says that something else than the stream is in view.
   */
  draw(nowMs: number, open: boolean, away: boolean): void {
    const active = recordingOf(this.answer, this.stream())?.state === "recording";
    if (open && nowMs - this.askedMs > (active ? BUSY_MS : IDLE_MS)) {
      this.askedMs = nowMs;
      void this.refresh();
    }
    this.show(open, away);
  }

  private async refresh(): Promise<void> {
    const answer = await fetchRecordings().catch(() => null);
    if (answer) this.take(answer);
  }

  private take(answer: RecordingsAnswer): void {
    this.answer = answer;
    const newest = recordingOf(answer, this.stream());
    if (newest?.state === "recording") this.mine = newest.name;
  }

  private async toggle(): Promise<void> {
    const stream = this.stream();
    if (this.working || stream === null) return;
    this.working = true;
    this.problem = "";
    const going = recordingOf(this.answer, stream);
    try {
      const done =
        going?.state === "recording"
          ? await deleteRecording(going.name)
          : await postRecording(stream);
      this.mine = done.name;
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
    this.fetch.hidden = view.file === null;
    if (view.file !== null) this.fetch.href = address(`recordings/${view.file}`);
  }
}
