/** The card of the most likely classes, one bar each. */

import { element, make, setText } from "../page/dom";
import { NO_KNOWN_ACTION, percent, readable } from "../page/wording";
import type { Bar } from "../state/screen";

export class Likeliest {
  private readonly rows: HTMLLIElement[] = [];

  /** Draws the bars, or `none` in their place if there are none. */
  draw(bars: readonly Bar[], none: string): void {
    while (this.rows.length < bars.length) {
      this.rows.push(element("bars").appendChild(emptyRow()));
    }
    this.rows.forEach((row, i) => {
      const bar = bars[i];
      row.hidden = bar === undefined;
      if (bar) fill(row, bar);
    });
    setText(element("no-bars"), bars.length > 0 ? "" : none);
  }
}

function emptyRow(): HTMLLIElement {
  const row = make("li");
  row.append(make("span", "name"), make("span", "value"));
  return row;
}

/** A share that would round to nothing is not called 0 %. */
function shareText(share: number): string {
  return share < 0.005 ? `<\u00a0${percent(0.01)}` : percent(share);
}

function fill(row: HTMLLIElement, bar: Bar): void {
  row.dataset.kind = bar.kind;
  const [name, value] = row.querySelectorAll("span");
  setText(name!, bar.kind === "background" ? NO_KNOWN_ACTION : readable(bar.label));
  setText(value!, shareText(bar.probability));
  row.style.setProperty("--share", bar.probability.toFixed(3));
}
