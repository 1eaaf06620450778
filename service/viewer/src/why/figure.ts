/** The left side of the Why view: the skeleton, which joints glow, and the bar below it. */

import type { WhyAnswer } from "../wire/why";
import type { Theme } from "../page/colour";
import { make, setText } from "../page/dom";
import type { TimeSpan } from "../state/why_data";
import type { Pointed } from "./focus";
import { Skeleton } from "./skeleton";
import { evidenceOf } from "./story";

const GLOW =
  "Seen from the front. Joints glow with what they add now: orange for the label, blue against.";

export class Figure {
  readonly root = make("div", "why-figure");
  private readonly canvas = make("canvas");
  private readonly caption = make("p", "small why-caption");
  private readonly skeleton = new Skeleton(this.canvas);

  constructor(bar: HTMLElement) {
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Skeleton of the action, seen from the front");
    this.canvas.dataset.testid = "why-skeleton";
    this.root.append(this.canvas, bar, this.caption);
  }

  /** Shows the skeleton of an action; without one, only the bar. */
  show({ frames }: WhyAnswer, span: TimeSpan): void {
    this.canvas.hidden = frames === null;
    if (frames) this.skeleton.fit(frames, span);
  }

  draw(answer: WhyAnswer, timeS: number, pointed: Pointed | null, theme: Theme): void {
    setText(this.caption, pointed ? evidenceOf(pointed.joints) : GLOW);
    this.skeleton.draw(answer, timeS, pointed, theme);
  }
}
