/** The player of a clip or an exemplar: play, scrub, and back to live. */

import { element, setText } from "../page/dom";
import { clockTime } from "../page/wording";
import type { PlayedScreen } from "../state/screen";

export class PlayerBar {
  private screen: PlayedScreen | null = null;
  private readonly scrub = element<HTMLInputElement>("scrub");
  private readonly play = element<HTMLButtonElement>("play");

  /** `back` returns to the live stream. The space bar plays and pauses, Escape goes back. */
  constructor(back: () => void) {
    this.play.addEventListener("click", () => this.screen?.player.toggle());
    element("back").addEventListener("click", back);
    this.scrub.addEventListener("input", () => this.seek(Number(this.scrub.value)));
    window.addEventListener("keydown", (event) => {
      if (!this.screen || event.target instanceof HTMLInputElement) return;
      if (event.key === "Escape") back();
      if (event.key !== " " || event.target instanceof HTMLButtonElement) return;
      event.preventDefault();
      this.screen.player.toggle();
    });
  }

  /** Sets the screen to control; null hides the player. */
  show(screen: PlayedScreen | null): void {
    this.screen = screen;
    element("player").hidden = screen === null;
    if (screen) this.scrub.max = screen.player.durationS.toFixed(2);
  }

  /** Goes to a time and pauses. */
  seek(timeS: number): void {
    if (!this.screen) return;
    this.screen.player.playing = false;
    this.screen.player.seek(timeS);
  }

  draw(): void {
    if (!this.screen) return;
    const { timeS, durationS, playing } = this.screen.player;
    this.scrub.value = String(timeS);
    this.scrub.setAttribute("aria-valuetext", `${timeS.toFixed(1)} of ${durationS.toFixed(1)} s`);
    setText(element("clock"), `${clockTime(timeS)} / ${clockTime(durationS)}`);
    setText(this.play, playing ? "❚❚" : "▶");
    this.play.setAttribute("aria-label", playing ? "Pause" : "Play");
  }
}
