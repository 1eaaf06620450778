/** Files come in by dropping them anywhere on the page or by choosing one. */

import type { ClipAnswer } from "../wire/answers";
import { postClip, ServiceError } from "../wire/rest";
import { element, setText } from "../page/dom";

const INVITATION = "Drop a skeleton clip anywhere, or";

export class DropZone {
  private upload: AbortController | null = null;

  constructor(private readonly done: (clip: ClipAnswer) => void) {
    const input = element<HTMLInputElement>("file");
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) void this.send(file);
      input.value = "";
    });
    this.listen();
  }

  private listen(): void {
    let depth = 0;
    const light = (change: number) => {
      depth = Math.max(0, depth + change);
      document.body.classList.toggle("dropping", depth > 0);
    };
    window.addEventListener("dragenter", () => light(1));
    window.addEventListener("dragleave", () => light(-1));
    window.addEventListener("dragover", (event) => event.preventDefault());
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      light(-depth);
      const file = event.dataTransfer?.files[0];
      if (file) void this.send(file);
    });
  }

  private async send(file: File): Promise<void> {
    this.upload?.abort();
    const mine = new AbortController();
    this.upload = mine;
    this.say(`Reading ${file.name}…`, "");
    try {
      const clip = await postClip(file, mine.signal);
      if (mine !== this.upload) return;
      this.say(INVITATION, "");
      this.done(clip);
    } catch (error) {
      if (mine.signal.aborted) return;
      const known = error instanceof ServiceError;
      const lost = "The clip did not reach the service; is it still running?";
      this.say(INVITATION, known ? error.message : lost);
    }
  }

  private say(text: string, problem: string): void {
    element("drop").classList.toggle("busy", text !== INVITATION);
    setText(element("drop-text"), text);
    setText(element("drop-problem"), problem);
    // A file may be dropped anywhere, and the words may stand below what is to be seen.
    if (problem) element("drop").scrollIntoView({ block: "nearest", behavior: "smooth" });
  }
}
