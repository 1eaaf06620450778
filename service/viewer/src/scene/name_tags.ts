/** The tags above heads: buttons that name the action of a person and choose that person. */

import { type Camera, Vector3 } from "three";
import { make, setText } from "../page/dom";
import type { ShownBody } from "../state/screen";
import { LeaderLines } from "./leader_lines";
import { type Box, leaderOf, type Point, personBox, spread } from "./tag_placement";

export class NameTags {
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly at = new Vector3();
  private readonly lines: LeaderLines;

  /** The tags are placed inside `host` and off `headline`. */
  constructor(
    private readonly host: HTMLElement,
    private readonly headline: HTMLElement,
    private readonly choose: (key: string) => void,
  ) {
    this.lines = new LeaderLines(host);
  }

  /**
   * Shows a tag for each body in front of the camera that has one. `placeOf` gives the points above
   * the head and on the chest of a body.
   */
  draw(
    bodies: readonly ShownBody[],
    placeOf: (key: string) => { head: Vector3; chest: Vector3 } | undefined,
    camera: Camera,
  ): void {
    // Without a tag nothing is measured, because measuring makes the browser lay out the page.
    if (!bodies.some(({ tag }) => tag !== "")) {
      this.removeExcept([]);
      this.lines.draw([]);
      return;
    }
    const frame = this.host.getBoundingClientRect();
    const shown: [HTMLButtonElement, Point][] = [];
    const people: Box[] = [];
    for (const body of bodies) {
      const place = placeOf(body.key);
      const head = place && this.pointOf(place.head, camera, frame);
      const chest = place && this.pointOf(place.chest, camera, frame);
      if (!head || !chest) continue;
      people.push(personBox(head, chest));
      if (body.tag) shown.push([this.fill(body), head]);
    }
    this.removeExcept(shown.map(([button]) => button));
    this.place(shown, people, frame);
  }

  /** Where a point is in the picture, or null if it is behind the camera. */
  private pointOf(point: Vector3, camera: Camera, frame: DOMRect): Point | null {
    const { x, y, z } = this.at.copy(point).project(camera);
    return z > 1 ? null : [((x + 1) / 2) * frame.width, ((1 - y) / 2) * frame.height];
  }

  /** All are measured before any is moved, so that the browser lays them out only once. */
  private place(
    shown: readonly [HTMLButtonElement, Point][],
    people: readonly Box[],
    frame: DOMRect,
  ): void {
    const wanted = shown.map(([button, head]) => boxAt(head, button));
    const { left, top, width, height } = this.headline.getBoundingClientRect();
    const taken = { left: left - frame.left, top: top - frame.top, width, height };
    const boxes = spread(wanted, frame, [taken], people);
    boxes.forEach((box, i) => {
      const moved = `translate(${box.left.toFixed(1)}px, ${box.top.toFixed(1)}px)`;
      shown[i]![0].style.transform = moved;
    });
    this.lines.draw(
      boxes.map((box, i) => {
        const [button, head] = shown[i]!;
        return { line: leaderOf(box, ...head), colour: button.style.getPropertyValue("--body") };
      }),
    );
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

/** The box of a button right above a head. */
function boxAt([x, y]: Point, button: HTMLElement): Box {
  const [width, height] = [button.offsetWidth, button.offsetHeight];
  return { left: x - width / 2, top: y - height, width, height };
}
