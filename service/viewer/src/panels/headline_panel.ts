/** The words over the scene: the headline, its joints, the note and the choice of person. */

import { element, make, setText } from "../page/dom";
import { joinedShares, labelText, readable } from "../page/wording";
import { confidenceText, type Headline, headlineText, spokenText } from "../state/headline";
import type { BodyChoice, PanelData } from "../state/screen";

/** Screen readers hear at most one new headline in this time. */
const ANNOUNCE_MS = 1000;
/** More choices than this are numbers only. */
const SPELT_OUT = 2;

export class HeadlinePanel {
  private choiceKeys = "";
  private announced = "";
  private announceAtMs = 0;

  constructor(private readonly chooseBody: (key: string) => void) {}

  draw(data: PanelData): void {
    this.drawHeadline(data.headline);
    setText(element("kicker"), data.kicker);
    this.drawAction(data);
    const truth = element("truth");
    truth.dataset.truth = data.truth;
    setText(truth, data.truth ? `Truth: ${labelText(data.truth, data.background)}` : "");
    const note = element("note");
    note.hidden = data.note === "";
    setText(note, data.note);
    this.drawChoices(data.choices);
    this.announce(spokenText(data.headline));
  }

  private drawHeadline(headline: Headline): void {
    element("verdict").dataset.kind = headline.kind;
    const label = element("label");
    label.dataset.label = headline.kind === "maybe" ? "" : (headline.label ?? "");
    setText(label, headlineText(headline));
    const confidence = confidenceText(headline);
    setText(element("confidence"), confidence);
    element("sure").hidden = confidence === "";
    element("meter").style.setProperty("--share", String(headline.confidence ?? 0));
    const joints = joinedShares(headline.joints);
    setText(element("why"), joints ? `Decided by ${joints}` : "");
  }

  /** The button that explains the action of the headline. */
  private drawAction({ action }: PanelData): void {
    element("verdict").classList.toggle("explained", action !== null);
    const button = element("why-open");
    button.hidden = action === null;
    if (action) button.setAttribute("aria-label", `Why? ${readable(action.label)}`);
  }

  private announce(words: string): void {
    const nowMs = performance.now();
    if (words === this.announced || nowMs < this.announceAtMs) return;
    this.announced = words;
    this.announceAtMs = nowMs + ANNOUNCE_MS;
    setText(element("announce"), words);
  }

  private drawChoices(choices: readonly BodyChoice[]): void {
    const host = element("choices");
    host.hidden = choices.length < 2;
    element("stage").classList.toggle("several", choices.length > 1);
    const keys = choices.map((choice) => `${choice.key}${choice.selected}`).join("|");
    if (keys === this.choiceKeys) return;
    this.choiceKeys = keys;
    const short = choices.length > SPELT_OUT;
    host.replaceChildren(...choices.map((choice) => this.choiceButton(choice, short)));
  }

  private choiceButton(choice: BodyChoice, short: boolean): HTMLButtonElement {
    const name = `Person ${choice.number.replaceAll("+", " and ")}`;
    const button = make("button", "choice", short ? choice.number : name);
    button.setAttribute("aria-label", name);
    button.type = "button";
    button.style.setProperty("--body", choice.colour);
    button.setAttribute("aria-pressed", String(choice.selected));
    button.addEventListener("click", () => this.chooseBody(choice.key));
    return button;
  }
}
