/** Choosing actions on the timeline, by pointer or by keyboard. */

import { element, setText } from "../page/dom";
import { agoText, clockTime, readable } from "../page/wording";
import type { TimeAxis } from "../state/screen";
import { type Band, isSame } from "../state/timeline";
import type { BandCanvas } from "../panels/band_canvas";

export interface Picked {
  axis(): TimeAxis | null;
  /** Goes to a time of a clip. */
  seek(timeS: number): void;
  /** Explains an action. */
  open(band: Band): void;
  live(): boolean;
}

/**
 * A click on a live action explains it. A click in a clip goes to that time, and a double click
 * explains the action there. Arrow keys choose an action, Enter explains it.
 */
export class BandPicker {
  /** The action that the keyboard has chosen. */
  marked: Band | null = null;

  constructor(
    canvas: HTMLCanvasElement,
    private readonly bands: BandCanvas,
    private readonly picked: Picked,
  ) {
    canvas.addEventListener("click", (event) => this.click(event));
    canvas.addEventListener("dblclick", (event) => {
      const band = this.bandAt(event);
      if (band && !picked.live()) picked.open(band);
    });
    canvas.addEventListener("pointermove", (event) => {
      canvas.classList.toggle("pickable", this.bandAt(event) !== null);
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => (this.marked = null));
  }

  private bandAt(event: MouseEvent): Band | null {
    const axis = this.picked.axis();
    return axis && this.bands.bandAt(event.clientX, event.clientY, axis);
  }

  private click(event: MouseEvent): void {
    const axis = this.picked.axis();
    if (!axis) return;
    if (!this.picked.live()) {
      this.picked.seek(this.bands.timeAt(event.clientX, axis) / 1e9);
      return;
    }
    const band = this.bandAt(event);
    if (band) this.picked.open(band);
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const axis = this.picked.axis();
    if (axis && step !== undefined) this.mark(axis, step);
    else if (event.key === "Enter" && this.marked) this.picked.open(this.marked);
    else return;
    event.preventDefault();
  }

  /** Marks the next or the previous action; the first choice is the newest one. */
  private mark(axis: TimeAxis, step: number): void {
    const bands = [...axis.bands].sort((a, b) => a.startNs - b.startNs);
    const { marked } = this;
    const at = marked ? bands.findIndex((band) => isSame(band, marked)) : -1;
    const next = at < 0 ? bands.length - 1 : Math.min(bands.length - 1, Math.max(0, at + step));
    const band = bands[next];
    if (!band) return;
    this.marked = band;
    setText(element("picked"), `${readable(band.label)}, ${this.timeText(band, axis)}`);
    this.picked.seek(((band.startNs + (band.endNs ?? axis.endNs)) / 2 - axis.originNs) / 1e9);
  }

  private timeText({ startNs, endNs }: Band, axis: TimeAxis): string {
    if (!this.picked.live()) return `at ${clockTime(startNs / 1e9)}`;
    return endNs === null ? "now" : agoText((axis.endNs - endNs) / 1e9);
  }
}
