/** The story of an action: its clauses, each with the evidence that it rests on. */

import type { JointShare } from "../wire/messages";
import type { WhyAnswer, WhyClause } from "../wire/why";
import { make } from "../page/dom";
import { jointName, percent } from "../page/wording";
import { partOf, WHOLE_BODY } from "../state/joint_parts";
import type { Focus } from "./focus";

const NAMED_JOINTS = 3;

export class Story {
  readonly root = make("section", "why-part why-story");
  private readonly list = make("ol", "clauses");
  private items: { item: HTMLElement; clause: WhyClause }[] = [];

  /** `seek` goes to a moment. */
  constructor(
    private readonly focus: Focus,
    private readonly seek: (timeS: number) => void,
  ) {
    const hint = make("p", "small", "Point at a part of the story to see its joints and its time.");
    this.root.append(make("h3", "", "Story"), this.list, hint);
  }

  show(answer: WhyAnswer): void {
    this.list.lang = answer.language;
    this.items = answer.clauses.map((clause) => ({ item: this.itemOf(clause), clause }));
    this.list.replaceChildren(...this.items.map(({ item }) => item));
  }

  /** Marks the movement that happens now. */
  draw(timeS: number): void {
    for (const { item, clause } of this.items) {
      const now = clause.about === "movement" && clause.start_s <= timeS && timeS <= clause.end_s;
      item.classList.toggle("now", now);
    }
  }

  private itemOf(clause: WhyClause): HTMLLIElement {
    const item = make("li");
    const button = make("button", "clause");
    button.type = "button";
    const joints = jointsOf(clause);
    const evidence = make("span", "small", evidenceOf(joints));
    evidence.lang = "en";
    button.append(make("span", "clause-text", sentence(clause.text)), evidence);
    button.addEventListener("click", () => this.seek(clause.start_s));
    const span = { startS: clause.start_s, endS: clause.end_s };
    this.focus.follow(item, { joints, part: partOf(joints), span });
    item.append(button);
    return item;
  }
}

/** A clause as a sentence of its own. */
export function sentence(text: string): string {
  const first = text.charAt(0).toLocaleUpperCase();
  return /[.!?]$/.test(text) ? first + text.slice(1) : `${first}${text.slice(1)}.`;
}

/** The joints of a clause. The motion of the whole body has none of its own. */
export function jointsOf({ joints, part, share }: WhyClause): readonly JointShare[] {
  return joints.length === 0 && part === WHOLE_BODY ? [{ joint: WHOLE_BODY, share }] : joints;
}

/** The first joints of a clause or a unit, with their shares. */
export function evidenceOf(joints: readonly JointShare[]): string {
  const named = joints.slice(0, NAMED_JOINTS);
  return named.map(({ joint, share }) => `${whyJointName(joint)} ${percent(share)}`).join(", ");
}

export const whyJointName = (joint: string) =>
  joint === WHOLE_BODY ? "whole body" : jointName(joint);
