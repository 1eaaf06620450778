/** The numbers on people's chests: buttons that choose the person. */

import { type Camera, Vector3 } from "three";
import { make, setText } from "../page/dom";
import type { ShownBody } from "../state/screen";

export class NumberBadges {
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly at = new Vector3();

  constructor(
    private readonly host: HTMLElement,
    private readonly choose: (key: string) => void,
  ) {}

  /** Shows the number of each body in front of the camera that has one. */
  draw(
    bodies: readonly ShownBody[],
    chestOf: (key: string) => Vector3 | undefined,
    camera: Camera,
  ): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    const shown = new Set<string>();
    for (const body of bodies) {
      const chest = chestOf(body.key);
      if (!chest || !body.number || this.at.copy(chest).project(camera).z > 1) continue;
      shown.add(body.key);
      const [left, top] = [((this.at.x + 1) / 2) * width, ((1 - this.at.y) / 2) * height];
      const button = this.button(body);
      button.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
    }
    for (const [key, button] of this.buttons) {
      if (shown.has(key)) continue;
      button.remove();
      this.buttons.delete(key);
    }
  }

  private button({ key, number, colour, selected }: ShownBody): HTMLButtonElement {
    let button = this.buttons.get(key);
    if (!button) {
      button = make("button", "number");
      button.type = "button";
      button.addEventListener("click", () => this.choose(key));
      this.buttons.set(key, button);
      this.host.append(button);
    }
    setText(button, number);
    button.setAttribute("aria-label", `Person ${number}`);
    button.setAttribute("aria-pressed", String(selected));
    button.style.setProperty("--body", colour);
    return button;
  }
}
