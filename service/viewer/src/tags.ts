/** Small labels that float above heads: buttons, so that they choose a body. */

import { type Camera, Vector3 } from "three";
import type { ShownBody } from "./figure";

export class Tags {
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly at = new Vector3();

  constructor(
    private readonly host: HTMLElement,
    private readonly choose: (key: string) => void,
  ) {}

  draw(
    bodies: readonly ShownBody[],
    headOf: (key: string) => Vector3 | undefined,
    camera: Camera,
    frame: HTMLElement,
  ): void {
    const shown = new Set<string>();
    for (const body of bodies) {
      const head = headOf(body.key);
      if (!head || !body.tag) continue;
      shown.add(body.key);
      this.at.copy(head).project(camera);
      this.put(this.button(body.key), body, frame);
    }
    for (const [key, button] of this.buttons) {
      if (shown.has(key)) continue;
      button.remove();
      this.buttons.delete(key);
    }
  }

  private put(button: HTMLButtonElement, body: ShownBody, frame: HTMLElement): void {
    const x = ((this.at.x + 1) / 2) * frame.clientWidth;
    const y = ((1 - this.at.y) / 2) * frame.clientHeight;
    button.style.transform = `translate(-50%, -100%) translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    button.style.setProperty("--body", body.colour);
    if (button.textContent !== body.tag) button.textContent = body.tag;
    button.setAttribute("aria-pressed", String(body.selected));
    button.hidden = this.at.z > 1;
  }

  private button(key: string): HTMLButtonElement {
    let button = this.buttons.get(key);
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "tag";
      button.addEventListener("click", () => this.choose(key));
      this.buttons.set(key, button);
      this.host.append(button);
    }
    return button;
  }
}
