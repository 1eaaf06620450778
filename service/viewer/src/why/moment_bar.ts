/** The bar under the skeleton: play, slow motion, and the moment in view. */

import { make, setText } from "../page/dom";
import { Player } from "../state/player";
import { signed, type TimeSpan } from "../state/why_data";
import type { Pointed } from "./focus";

const SLOW = 0.25;
/** An arrow key moves by this much. */
const STEP_S = 1 / 30;

export class MomentBar {
  readonly root = make("div", "moment");
  private readonly play = make("button", "round");
  private readonly slow = make("button", "choice slow", "Slow motion");
  private readonly scrub = make("input");
  private readonly mark = make("i");
  private readonly clock = make("output");
  private player = new Player(0, true);
  private startS = 0;

  constructor() {
    for (const button of [this.play, this.slow]) button.type = "button";
    this.play.addEventListener("click", () => this.player.toggle());
    this.slow.setAttribute("aria-pressed", "false");
    this.slow.addEventListener("click", () => {
      this.slow.setAttribute("aria-pressed", String(this.speed === 1));
    });
    this.scrub.type = "range";
    this.scrub.step = "any";
    this.scrub.setAttribute("aria-label", "Moment of the action");
    this.scrub.addEventListener("input", () => this.seek(this.startS + Number(this.scrub.value)));
    const line = make("div", "moment-line");
    line.append(this.mark, this.scrub);
    this.root.append(this.play, line, this.clock, this.slow);
  }

  /** The moment in view, in the seconds of the answer. */
  get timeS(): number {
    return this.startS + this.player.timeS;
  }

  /** Shows another time span; the moment in view stays if it lies in it. */
  show({ startS, endS }: TimeSpan): void {
    const { timeS, playing } = this;
    this.player = new Player(endS - startS, true);
    this.startS = startS;
    this.player.seek(timeS - startS);
    this.player.playing = playing;
    this.scrub.min = "0";
    this.scrub.max = String(endS - startS);
  }

  /** Plays from a moment on, or shows it. */
  restart(timeS: number, playing: boolean): void {
    this.seek(timeS);
    this.player.playing = playing;
  }

  private get playing(): boolean {
    return this.player.playing;
  }

  /** Goes to a moment and pauses. */
  seek(timeS: number): void {
    this.player.playing = false;
    this.player.seek(timeS - this.startS);
  }

  /** Takes a key that no control needs. Returns whether it meant something. */
  takeKey(key: string): boolean {
    const { timeS, player } = this;
    if (key === "ArrowLeft") this.seek(timeS - STEP_S);
    else if (key === "ArrowRight") this.seek(timeS + STEP_S);
    else if (key === "Home") this.seek(this.startS);
    else if (key === "End") this.seek(this.startS + player.durationS);
    else if (key === " ") player.toggle();
    else return false;
    return true;
  }

  draw(dtS: number, pointed: Pointed | null): void {
    this.player.advance(dtS * this.speed);
    const { timeS, durationS, playing } = this.player;
    this.scrub.value = String(timeS);
    const words = `${signed(this.timeS, 2)} s`;
    this.scrub.setAttribute("aria-valuetext", words);
    setText(this.clock, words);
    setText(this.play, playing ? "❚❚" : "▶");
    this.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    const span = pointed?.span;
    this.mark.hidden = !span;
    if (!span || durationS <= 0) return;
    const share = (atS: number) => Math.min(1, Math.max(0, (atS - this.startS) / durationS));
    const [from, to] = [share(span.startS), share(span.endS)];
    this.mark.style.setProperty("--from", from.toFixed(4));
    this.mark.style.setProperty("--long", Math.max(0.01, to - from).toFixed(4));
  }

  private get speed(): number {
    return this.slow.getAttribute("aria-pressed") === "true" ? SLOW : 1;
  }
}
