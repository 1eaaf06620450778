/** The tags above heads: buttons that name the action of a person and choose that person. */

import { type Camera, Vector3 } from "three";
import { make, setText } from "../page/dom";
import type { ShownBody } from "../state/screen";
import { type Box, spread } from "./tag_placement";

export class NameTags {
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly at = new Vector3();

  /** The tags are placed inside `host` and off `headline`. */
  constructor(
    private readonly host: HTMLElement,
    private readonly headline: HTMLElement,
    private readonly choose: (key: string) => void,
  ) {}

  /** Shows a tag for each body in front of the camera that has one. */
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
    this.removeExcept(shown);
    if (shown.length > 0) this.place(shown, heads);
  }

  /** All are measured before any is moved, so that the browser lays them out only once. */
  private place(buttons: readonly HTMLButtonElement[], heads: readonly [number, number][]): void {
    const frame = this.host.getBoundingClientRect();
    const wanted = buttons.map((button, i) => boxAt(heads[i]!, button, frame));
    const { left, top, width, height } = this.headline.getBoundingClientRect();
    const taken = { left: left - frame.left, top: top - frame.top, width, height };
    spread(wanted, frame, [taken]).forEach((box, i) => {
      const moved = `translate(${box.left.toFixed(1)}px, ${box.top.toFixed(1)}px)`;
      buttons[i]!.style.transform = moved;
    });
  }

  private fill(body: ShownBody): HTMLButtonElement {
    const button = this.button(body.key);
    button.style.setProperty("--body", body.colour);
    setText(button, body.tag);
    button.dataset.number = body.number;
    button.setAttribute("aria-pressed", String(body.selected));
    return button;
  }

  private removeExcept(shown: readonly HTMLButtonElement[]): void {
    for (const [key, button] of this.buttons) {
      if (shown.includes(button)) continue;
      button.remove();
      this.buttons.delete(key);
    }
  }

  private button(key: string): HTMLButtonElement {
    let button = this.buttons.get(key);
    if (!button) {
      button = make("button", "tag");
      button.type = "button";
      button.addEventListener("click", () => this.choose(key));
      this.buttons.set(key, button);
      this.host.append(button);
    }
    return button;
  }
}

/** The box of a button right above a head, whose x and y run from −1 to 1 across the frame. */
function boxAt([x, y]: [number, number], button: HTMLElement, frame: DOMRect): Box {
  const [width, height] = [button.offsetWidth, button.offsetHeight];
  const left = ((x + 1) / 2) * frame.width - width / 2;
  return { left, top: ((1 - y) / 2) * frame.height - height, width, height };
}
