/** Uploads of clips: files dropped anywhere on the page, or chosen with the button. */

import type { ClipAnswer } from "../wire/answers";
import { postClip, ServiceError } from "../wire/rest";
import { element, setText } from "../page/dom";
import { keepInView } from "../page/scroll";

/** A finger drags no files. */
const TOUCH = window.matchMedia("(pointer: coarse)").matches;
const INVITATION = TOUCH ? "Open a skeleton clip:" : "Drop a skeleton clip anywhere, or";

export class DropZone {
  private upload: AbortController | null = null;

  /** `done` receives the answer to each clip, and its file. */
  constructor(private readonly done: (clip: ClipAnswer, file: File) => void) {
    const input = element<HTMLInputElement>("file");
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) void this.send(file);
      input.value = "";
    });
    this.listen();
    setText(element("drop-text"), INVITATION);
  }

  private listen(): void {
    // The browser reports entering and leaving for each nested element.
    let depth = 0;
    const highlight = (change: number) => {
      depth = Math.max(0, depth + change);
      document.body.classList.toggle("dropping", depth > 0);
    };
    window.addEventListener("dragenter", () => highlight(1));
    window.addEventListener("dragleave", () => highlight(-1));
    window.addEventListener("dragover", (event) => event.preventDefault());
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      highlight(-depth);
      const file = event.dataTransfer?.files[0];
      if (file) void this.send(file);
    });
  }

  /** Uploads a file. A newer file cancels the upload. */
  private async send(file: File): Promise<void> {
    this.upload?.abort();
    const upload = new AbortController();
    this.upload = upload;
    this.show(`Reading ${file.name}…`, "");
    try {
      const clip = await postClip(file, upload.signal);
      if (upload !== this.upload) return;
      this.show(INVITATION, "");
      this.done(clip, file);
    } catch (error) {
      if (!upload.signal.aborted) this.show(INVITATION, problemOf(error));
    }
  }

  private show(text: string, problem: string): void {
    element("drop").classList.toggle("busy", text !== INVITATION);
    setText(element("drop-text"), text);
    setText(element("drop-problem"), problem);
    // A file can be dropped anywhere, so the message may be out of view.
    if (problem) keepInView(element("drop"), "nearest");
  }
}

function problemOf(error: unknown): string {
  if (error instanceof ServiceError) return error.message;
  return "The upload failed. Is the service still running?";
}
