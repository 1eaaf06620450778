/** The top line of the page: model, connection and latency. */

import type { ConnectionState } from "../wire/connection";
import type { ModelInfo, Timings } from "../wire/messages";
import { element, make, setText } from "../page/dom";
import { connectionText, LATE_FROM_S, milliseconds, stagesOf } from "../page/wording";

export function drawModel(model: ModelInfo): void {
  const classes = model.labels.length - 1;
  setText(element("model"), `Model ${model.id}, ${classes} actions, on ${model.provider}`);
}

/** Draws the state of the connection. `lateS` is how late the labels are, in seconds. */
export function drawConnection(state: ConnectionState, nowMs: number, lateS: number): void {
  const chip = element("connection");
  chip.dataset.state = state.kind;
  chip.classList.toggle("late", state.kind === "open" && lateS >= LATE_FROM_S);
  setText(chip, connectionText(state, nowMs, lateS));
}

/** The share of the newest value in a smoothed latency. */
const SMOOTHING = 0.1;

/** The latency from a camera frame to its label, smoothed to be readable. */
export class Latency {
  private readonly meanMs = new Map<string, number>();

  /** Takes the timings of a prediction. */
  take(timings: Timings): void {
    this.blend("total", timings.total_ms ?? 0);
    for (const [name, ms] of stagesOf(timings)) this.blend(name, ms);
  }

  /** Takes the timings of an explanation. It follows the label, so it does not add to the total. */
  takeRelevance(timings: Timings): void {
    this.blend("explanation (after the label)", timings.relevance_ms ?? 0);
  }

  /** While labels are `late`, the connection says by how much, so that the total is not shown. */
  draw(late = false): void {
    const total = this.meanMs.get("total");
    element("latency").hidden = total === undefined;
    if (total === undefined) return;
    setText(element("latency-total"), late ? "" : milliseconds(total));
    if (!element<HTMLDetailsElement>("latency").open) return;
    const stages = [...this.meanMs].filter(([name]) => name !== "total");
    element("latency-stages").replaceChildren(
      ...stages.map(([name, ms]) => stageRow(name, ms, total)),
    );
  }

  /** Forgets all timings and hides the latency. */
  clear(): void {
    this.meanMs.clear();
    this.draw();
  }

  private blend(name: string, ms: number): void {
    const before = this.meanMs.get(name) ?? ms;
    this.meanMs.set(name, before + SMOOTHING * (ms - before));
  }
}

function stageRow(name: string, ms: number, total: number): HTMLElement {
  const row = make("div");
  row.style.setProperty("--share", Math.min(1, ms / Math.max(total, 1e-3)).toFixed(3));
  row.append(make("dt", "", name), make("dd", "", milliseconds(ms)));
  return row;
}
