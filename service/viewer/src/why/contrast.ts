/** The contrast: why one label and not another, by joints and moments, and what they add up to. */

import type { WhyAnswer } from "../wire/why";
import type { Theme } from "../page/colour";
import { make, setText } from "../page/dom";
import { readable } from "../page/wording";
import { signed, type TimeSpan, totalText, whyHeatmap } from "../state/why_data";
import { Heatmap } from "../panels/heatmap";
import { sentence } from "./story";

const STANDING = "the mean pose held still";

export class Contrast {
  readonly root = make("section", "why-part why-contrast");
  private readonly label = make("span");
  private readonly select = make("select");
  private readonly alone = make("button", "choice", "This label alone");
  private readonly words = make("p", "contrast-words");
  private readonly box = make("div", "map why-map");
  private readonly canvas = make("canvas");
  private readonly total = make("p", "small total");
  private readonly depth = make("p");
  private readonly heatmap = new Heatmap(this.canvas, this.box);
  private answer: WhyAnswer | null = null;
  private span: TimeSpan = { startS: 0, endS: 1 };

  /** `compare` asks for the contrast to another label. */
  constructor(compare: (against: string) => void) {
    this.select.setAttribute("aria-label", "Label to compare with");
    this.select.addEventListener("change", () => compare(this.select.value));
    this.alone.type = "button";
    this.alone.setAttribute("aria-pressed", "false");
    this.alone.addEventListener("click", () => {
      this.alone.setAttribute("aria-pressed", String(!this.isAlone));
      this.drawWords();
    });
    this.canvas.setAttribute("role", "img");
    this.box.append(this.canvas);
    const question = make("h3", "contrast-title");
    question.append(this.label, this.select);
    const details = make("details", "small");
    details.append(make("summary", "", "What each layer added"), this.depth);
    this.root.append(question, this.words, this.alone, this.box, this.total, details);
  }

  /** Shows an answer; `labels` are those to choose from. */
  show(answer: WhyAnswer, span: TimeSpan, labels: readonly string[]): void {
    [this.answer, this.span] = [answer, span];
    const others = labels.filter((label) => label !== answer.label);
    const names = others.includes(answer.against) ? others : [...others, answer.against];
    names.sort((a, b) => readable(a).localeCompare(readable(b)));
    this.select.replaceChildren(
      ...names.map((name) => new Option(readable(name), name, false, name === answer.against)),
    );
    setText(this.label, `Why “${readable(answer.label)}” and not`);
    this.drawWords();
  }

  draw(timeS: number, theme: Theme): void {
    if (!this.answer) return;
    this.heatmap.draw(whyHeatmap(this.answer, this.split, this.span, timeS), theme);
  }

  private get isAlone(): boolean {
    return this.alone.getAttribute("aria-pressed") === "true";
  }

  private get split() {
    return this.isAlone ? this.answer!.split : this.answer!.contrast;
  }

  private drawWords(): void {
    const { answer } = this;
    if (!answer) return;
    const about = this.isAlone ? "decided" : "contrast";
    const clause = answer.clauses.find((one) => one.about === about);
    this.words.lang = answer.language;
    setText(this.words, clause ? sentence(clause.text) : "No single joint decided.");
    const [label, against] = [`“${readable(answer.label)}”`, `“${readable(answer.against)}”`];
    const title = this.isAlone ? label : `${label} minus that of ${against}`;
    setText(this.total, totalText(this.split, title, STANDING));
    this.canvas.setAttribute(
      "aria-label",
      `Relevance of each joint over time. ${this.words.textContent}`,
    );
    setText(this.depth, depthText(answer.depth));
  }
}

/** What the first layer and the layers above it added to the score of the label. */
export function depthText(depth: readonly number[]): string {
  const plus = (value: number) => (value > 0 ? `+${signed(value, 2)}` : signed(value, 2));
  const [first, ...rest] = depth;
  return `First layer ${plus(first ?? 0)}; the units above it, in order: ${rest.map(plus).join(", ")}.`;
}
