/** Small labels that float above heads: buttons, so that they choose a body. */

import { type Camera, Vector3 } from "three";
import type { ShownBody } from "../state/screen";
import { type Box, spread } from "./tag_placement";

export class Tags {
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly at = new Vector3();

  /** The tags keep off `verdict`, which must be readable. */
  constructor(
    private readonly host: HTMLElement,
    private readonly verdict: HTMLElement,
    private readonly choose: (key: string) => void,
  ) {}

  draw(
    bodies: readonly ShownBody[],
    headOf: (key: string) => Vector3 | undefined,
    camera: Camera,
  ): void {
    const shown: HTMLButtonElement[] = [];
    const heads: [number, number][] = [];
    for (const body of bodies) {
      const head = headOf(body.key);
      if (!head || !body.tag || this.at.copy(head).project(camera).z > 1) continue;
      shown.push(this.fill(body));
      heads.push([this.at.x, this.at.y]);
    }
    this.removeBut(shown);
    if (shown.length > 0) this.place(shown, heads);
  }

  /** All are measured before any is moved, so that the browser lays them out once. */
  private place(buttons: readonly HTMLButtonElement[], heads: readonly [number, number][]): void {
    const frame = this.host.getBoundingClientRect();
    const wanted = buttons.map((button, i): Box => {
      const [width, height] = [button.offsetWidth, button.offsetHeight];
      const [x, y] = heads[i]!;
      const left = ((x + 1) / 2) * frame.width - width / 2;
      return { left, top: ((1 - y) / 2) * frame.height - height, width, height };
    });
    const { left, top, width, height } = this.verdict.getBoundingClientRect();
    const taken = { left: left - frame.left, top: top - frame.top, width, height };
    spread(wanted, frame, [taken]).forEach((box, i) => {
      const moved = `translate(${box.left.toFixed(1)}px, ${box.top.toFixed(1)}px)`;
      buttons[i]!.style.transform = moved;
    });
  }

  private fill(body: ShownBody): HTMLButtonElement {
    const button = this.button(body.key);
    button.style.setProperty("--body", body.colour);
    if (button.textContent !== body.tag) button.textContent = body.tag;
    button.setAttribute("aria-pressed", String(body.selected));
    return button;
  }

  private removeBut(shown: readonly HTMLButtonElement[]): void {
    for (const [key, button] of this.buttons) {
      if (shown.includes(button)) continue;
      button.remove();
      this.buttons.delete(key);
    }
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
