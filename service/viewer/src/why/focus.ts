/** What the reader points at in the Why view: joints, and the time they belong to. */

import type { JointShare } from "../wire/messages";
import type { Part } from "../state/joint_parts";
import type { TimeSpan } from "../state/why_data";

export interface Pointed {
  joints: readonly JointShare[];
  part: Part;
  /** The time of a clause; null for a unit. */
  span: TimeSpan | null;
}

/** Holds what the pointer is over, or else what has the keyboard focus. */
export class Focus {
  private hovered: Pointed | null = null;
  private focused: Pointed | null = null;

  get current(): Pointed | null {
    return this.hovered ?? this.focused;
  }

  clear(): void {
    this.hovered = null;
    this.focused = null;
  }

  /** Follows the pointer over `area`, and the focus within it. */
  follow(area: HTMLElement, pointed: Pointed): void {
    area.addEventListener("pointerenter", () => (this.hovered = pointed));
    area.addEventListener("pointerleave", () => (this.hovered = null));
    area.addEventListener("focusin", () => (this.focused = pointed));
    area.addEventListener("focusout", () => (this.focused = null));
  }
}
