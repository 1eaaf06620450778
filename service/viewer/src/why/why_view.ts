/** The Why view: a dialog that tells why an action got its label. On a phone it is a sheet. */

import { ServiceError } from "../wire/rest";
import type { WhyAnswer, WhyOptions } from "../wire/why";
import type { Theme } from "../page/colour";
import { element, make, setText } from "../page/dom";
import { readable } from "../page/wording";
import type { WhyQuestion } from "../state/screen";
import { signed, spanOf } from "../state/why_data";
import { Contrast } from "./contrast";
import { listenToKeys } from "./dialog_keys";
import { Figure } from "./figure";
import { Focus } from "./focus";
import { MomentBar } from "./moment_bar";
import { sentence, Story } from "./story";
import { Tabs } from "./tabs";
import { Tracks } from "./tracks";

/** How often an action that goes on is asked about again, until its whole explanation is there. */
const AGAIN_MS = 2000;

export class WhyView {
  private readonly dialog = element<HTMLDialogElement>("why-view");
  private readonly title = make("h2", "why-title");
  private readonly status = make("p", "small why-status");
  private readonly problem = make("p", "problem");
  private readonly again = make("button", "button", "Try again");
  private readonly body = make("div", "why-body");
  private readonly focus = new Focus();
  private readonly bar = new MomentBar();
  private readonly figure = new Figure(this.bar.root);
  private readonly story = new Story(this.focus, (timeS) => this.bar.seek(timeS));
  private readonly tracks = new Tracks(this.focus, (timeS) => this.bar.seek(timeS));
  private readonly contrast = new Contrast((against) => void this.ask(against));
  private readonly reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  private question: WhyQuestion | null = null;
  private answer: WhyAnswer | null = null;
  private against: string | null = null;
  /** The number of the newest request; answers to older ones are ignored. */
  private turn = 0;
  private labelCount = 0;

  /** `labels` are those to compare with; `closed` is called when the view is closed. */
  constructor(
    private readonly labels: () => readonly string[],
    closed: () => void,
  ) {
    this.build();
    this.dialog.addEventListener("close", () => {
      this.question = null;
      this.turn += 1;
      closed();
    });
    listenToKeys(this.dialog, this.bar);
  }

  get isOpen(): boolean {
    return this.question !== null;
  }

  open(question: WhyQuestion): void {
    [this.question, this.answer, this.against] = [question, null, null];
    this.focus.clear();
    setText(this.title, question.label ? `Why “${readable(question.label)}”?` : "Why this action?");
    this.body.hidden = true;
    if (!this.dialog.open) this.dialog.showModal();
    this.title.focus();
    void this.ask(null);
  }

  close(): void {
    this.dialog.close();
  }

  draw(dtS: number, theme: Theme): void {
    const { answer } = this;
    if (!answer) return;
    const labels = this.labels();
    if (labels.length !== this.labelCount) this.showContrast(answer);
    const pointed = this.focus.current;
    this.bar.draw(dtS, pointed);
    const { timeS } = this.bar;
    this.figure.draw(answer, timeS, pointed, theme);
    this.story.draw(timeS);
    this.tracks.draw(timeS, theme);
    this.contrast.draw(timeS, theme);
  }

  private build(): void {
    this.title.id = "why-title";
    this.title.tabIndex = -1;
    this.status.setAttribute("role", "status");
    this.problem.setAttribute("role", "alert");
    const close = make("button", "round why-close", "✕");
    close.setAttribute("aria-label", "Close");
    for (const button of [close, this.again]) button.type = "button";
    close.addEventListener("click", () => this.close());
    this.again.addEventListener("click", () => void this.ask(this.against));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.close(); // beside the sheet
    });
    const head = make("header", "why-head");
    head.append(this.title, this.status, close);
    const parts = [this.story.root, this.tracks.root, this.contrast.root];
    const tabs = new Tabs(["Story", "Units", "Contrast"], parts, () => this.goToFilters());
    const right = make("div", "why-parts");
    right.append(tabs.root, ...parts);
    this.body.append(this.figure.root, right);
    const sheet = make("div", "why-sheet");
    sheet.append(head, this.problem, this.again, this.body);
    this.dialog.append(sheet);
  }

  /** Asks the service, for the contrast to `against` or to the next likely label. */
  private async ask(against: string | null): Promise<void> {
    const { question } = this;
    if (!question) return;
    this.turn += 1;
    const { turn } = this;
    this.against = against;
    this.tell("");
    if (!this.answer?.in_progress) setText(this.status, "Asking the service…");
    try {
      const answer = await question.ask({ language: language(), against });
      if (turn === this.turn) this.take(answer);
    } catch (error) {
      if (turn === this.turn) this.tell(problemOf(error));
    }
  }

  private tell(problem: string): void {
    setText(this.problem, problem);
    this.problem.hidden = problem === "";
    this.again.hidden = problem === "";
    if (problem) setText(this.status, "");
  }

  private take(answer: WhyAnswer): void {
    const first = this.answer === null;
    this.answer = answer;
    const span = spanOf(answer);
    setText(this.title, `Why “${readable(answer.label)}”?`);
    setText(this.status, statusOf(answer));
    this.body.hidden = false;
    this.bar.show(span);
    if (first) this.bar.restart(span.startS, !this.reducedMotion.matches);
    this.figure.show(answer, span);
    this.story.show(answer);
    this.tracks.show(answer, span);
    this.showContrast(answer);
    const { turn } = this;
    if (!answer.in_progress) return;
    window.setTimeout(() => {
      if (turn === this.turn) void this.ask(this.against);
    }, AGAIN_MS);
  }

  private showContrast(answer: WhyAnswer): void {
    const labels = this.labels();
    this.labelCount = labels.length;
    this.contrast.show(answer, spanOf(answer), labels);
  }

  private goToFilters(): void {
    this.close();
    document.getElementById("filters-link")?.click();
  }
}

function statusOf({ start_s: startS, end_s: endS, ...answer }: WhyAnswer): string {
  if (answer.in_progress) return "This action goes on. Its whole explanation follows at its end.";
  if (answer.zero_ns === null)
    return `From ${signed(startS, 1)} to ${signed(endS, 1)} s of the clip`;
  return `${signed(endS - startS, 1)} s long. Seconds count from its start.`;
}

/** The story is told in the language of the browser, if the service has it. */
function language(): WhyOptions["language"] {
  return navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
}

function problemOf(error: unknown): string {
  if (error instanceof ServiceError) return sentence(error.message);
  return "The service did not answer. Is it still running?";
}
