/** The card that lists the streams, one button each. */

import type { StreamInfo } from "../wire/messages";
import { element, make } from "../page/dom";
import { readable } from "../page/wording";

const STATE_WORDS: Record<StreamInfo["state"], string> = {
  waiting: "waiting for frames",
  live: "live",
  ended: "ended",
  lost: "lost, trying again",
  failed: "failed",
};

export class StreamList {
  private shown = "";

  constructor(private readonly choose: (name: string) => void) {}

  /**
   * Draws the list if anything in it changed. `current` is the stream in view, `connected` whether
   * the states of the streams are known, and `people` the number of people in view.
   */
  draw(
    listed: readonly StreamInfo[],
    current: string | null,
    connected: boolean,
    people: number | null,
  ): void {
    // The list is older than the frames of the stream in view.
    const streams = listed.map((stream) =>
      stream.name === current && people !== null ? { ...stream, bodies: people } : stream,
    );
    const key = JSON.stringify([current, connected, streams.map(shownFields)]);
    if (key === this.shown) return;
    this.shown = key;
    const rows = streams.map((stream) => this.row(stream, stream.name === current, connected));
    if (rows.length === 0) rows.push(make("li", "small", "No stream is open yet."));
    replaceKeepingFocus(rows);
  }

  private row(stream: StreamInfo, current: boolean, connected: boolean): HTMLLIElement {
    const item = make("li");
    const button = make("button", "stream");
    button.type = "button";
    button.dataset.stream = stream.name;
    button.dataset.state = stream.state;
    button.setAttribute("aria-pressed", String(current));
    const text = connected ? facts(stream) : "not connected";
    button.append(make("strong", "", readable(stream.name)), make("span", "small", text));
    if (stream.dropped > 0) button.append(make("span", "small noted", skipped(stream.dropped)));
    // The scene shows the note of the stream in view.
    if (stream.note && !current) button.append(make("span", "small noted", stream.note));
    button.addEventListener("click", () => this.choose(stream.name));
    item.append(button);
    return item;
  }
}

/** The fields that the list shows. The others change with every frame. */
function shownFields({ name, kind, state, note, bodies, dropped }: StreamInfo): unknown {
  return [name, kind, state, note, bodies, dropped];
}

function replaceKeepingFocus(rows: readonly HTMLLIElement[]): void {
  const host = element("streams");
  const focused = (document.activeElement as HTMLElement | null)?.dataset.stream;
  host.replaceChildren(...rows);
  if (focused === undefined) return;
  const again = [...host.querySelectorAll("button")].find((b) => b.dataset.stream === focused);
  again?.focus();
}

function facts(stream: StreamInfo): string {
  const parts = [stream.kind, STATE_WORDS[stream.state]];
  if (stream.state === "live") {
    parts.push(stream.bodies === 1 ? "1 person" : `${stream.bodies} people`);
  }
  return parts.filter((part) => part !== stream.name).join(", ");
}

function skipped(count: number): string {
  const predictions = count === 1 ? "1 prediction" : `${count.toLocaleString("en")} predictions`;
  return `Skipped ${predictions}: the machine was busy`;
}
