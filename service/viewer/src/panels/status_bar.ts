/** Connection, latency, model and streams at a glance. */

import type { ModelCard } from "../wire/answers";
import type { ConnectionState } from "../wire/connection";
import type { ModelInfo, StreamInfo, Timings } from "../wire/messages";
import { element, make, setText } from "../page/dom";
import { connectionText, milliseconds, readable, stagesOf } from "../page/wording";

export function drawConnection(state: ConnectionState, nowMs: number): void {
  const chip = element("connection");
  chip.dataset.state = state.kind;
  setText(chip, connectionText(state, nowMs));
}

/** A smoothed latency, so that it can be read. */
export class Latency {
  private readonly mean = new Map<string, number>();

  take(timings: Timings): void {
    this.blend(timings.total_ms ?? 0, "total");
    for (const [name, ms] of stagesOf(timings)) this.blend(ms, name);
  }

  /** Relevance comes when the label is out; what it took is no part of the label's total. */
  takeRelevance(timings: Timings): void {
    this.blend(timings.relevance_ms ?? 0, "relevance, after the label");
  }

  private blend(ms: number, name: string): void {
    const before = this.mean.get(name) ?? ms;
    this.mean.set(name, before + 0.1 * (ms - before));
  }

  draw(): void {
    const total = this.mean.get("total");
    element("latency").hidden = total === undefined;
    if (total === undefined) return;
    setText(element("latency-total"), milliseconds(total));
    if (!element<HTMLDetailsElement>("latency").open) return;
    const rows = [...this.mean].filter(([name]) => name !== "total");
    element("latency-stages").replaceChildren(
      ...rows.map(([name, ms]) => stageRow(name, ms, total)),
    );
  }

  clear(): void {
    this.mean.clear();
    this.draw();
  }
}

function stageRow(name: string, ms: number, total: number): HTMLElement {
  const row = make("div");
  row.style.setProperty("--share", Math.min(1, ms / Math.max(total, 1e-3)).toFixed(3));
  row.append(make("dt", "", name), make("dd", "", milliseconds(ms)));
  return row;
}

export function drawModel(model: ModelInfo): void {
  const classes = model.labels.length - 1;
  setText(element("model"), `${model.id}, ${classes} actions, on ${model.provider}`);
}

/** Whom the model owes its knowledge to. */
export function drawCredits(card: ModelCard): void {
  const host = element("credits");
  const trained = card.trained_on;
  host.replaceChildren();
  if (trained.length === 0) return;
  host.append(make("h2", "", "The model was trained on"));
  for (const set of trained) {
    const line = make("p", "small");
    const words = [set.citation, set.terms && `Terms: ${set.terms}`].filter(Boolean).join(". ");
    line.append(make("strong", "", set.name), ` ${words}`);
    host.append(line);
  }
}

const STATE_WORDS: Record<StreamInfo["state"], string> = {
  waiting: "waiting for frames",
  live: "live",
  ended: "has ended",
  lost: "lost, trying again",
  failed: "failed",
};

export class StreamList {
  private shown = "";

  constructor(private readonly choose: (name: string) => void) {}

  draw(streams: readonly StreamInfo[], current: string | null): void {
    const key = JSON.stringify([
      current,
      streams.map(({ name, kind, state, note, bodies, dropped }) => [
        name,
        kind,
        state,
        note,
        bodies,
        dropped,
      ]),
    ]);
    if (key === this.shown) return;
    this.shown = key;
    const rows = streams.map((stream) => this.row(stream, stream.name === current));
    if (rows.length === 0) rows.push(make("li", "small", "No stream is open yet."));
    this.replaceKeepingFocus(rows);
  }

  private replaceKeepingFocus(rows: HTMLLIElement[]): void {
    const host = element("streams");
    const focused = (document.activeElement as HTMLElement | null)?.dataset.stream;
    host.replaceChildren(...rows);
    if (focused === undefined) return;
    const again = [...host.querySelectorAll("button")].find((b) => b.dataset.stream === focused);
    again?.focus();
  }

  private row(stream: StreamInfo, current: boolean): HTMLLIElement {
    const item = make("li");
    const button = make("button", "stream");
    button.type = "button";
    button.dataset.stream = stream.name;
    button.dataset.state = stream.state;
    button.setAttribute("aria-pressed", String(current));
    button.append(make("strong", "", readable(stream.name)), make("span", "small", facts(stream)));
    if (stream.note) button.append(make("span", "small noted", stream.note));
    button.addEventListener("click", () => this.choose(stream.name));
    item.append(button);
    return item;
  }
}

function facts(stream: StreamInfo): string {
  const parts = [stream.kind, STATE_WORDS[stream.state]];
  if (stream.state === "live") {
    parts.push(stream.bodies === 1 ? "1 person" : `${stream.bodies} people`);
  }
  if (stream.dropped > 0) parts.push(`${stream.dropped} dropped`);
  return parts.filter((part) => part !== stream.name).join(", ");
}
