/** Verdict, bars and heat map: the panels that one `PanelData` fills. */

import type { Theme } from "../page/colour";
import { element, make, setText } from "../page/dom";
import { joinedShares, jointName, percent, readable } from "../page/wording";
import type { Verdict } from "../state/headline";
import type { HeatmapData } from "../state/joint_heat";
import type { Bar, BodyChoice, PanelData } from "../state/screen";
import { Heatmap } from "./heatmap";

const IDLE_WORDS: Record<Verdict["kind"], string> = {
  action: "",
  exemplar: "",
  nothing: "Nothing known is happening",
  early: "No prediction yet",
  short: "Too short to tell",
  nobody: "Nobody in view",
  waiting: "Waiting for frames",
  lost: "Lost, trying again",
  failed: "This stream has failed",
  ended: "This stream has ended",
};

/** The large words for a verdict. */
export function headline(verdict: Verdict): string {
  return verdict.label === null ? IDLE_WORDS[verdict.kind] : readable(verdict.label);
}

/** What stands in place of the likeliest labels where there is no prediction. */
export function barless({ kind }: Verdict): string {
  if (kind === "short") return IDLE_WORDS.short;
  return kind === "early" || kind === "waiting" ? IDLE_WORDS.early : "No prediction now";
}

/** The line under the label that says how sure the page is, or what it leans to. */
export function sureness(verdict: Verdict): string {
  if (verdict.perhaps) {
    return `perhaps ${readable(verdict.perhaps.label)}, ${percent(verdict.perhaps.confidence)}`;
  }
  if (verdict.kind === "action") return `${percent(verdict.confidence ?? 0)} sure`;
  return "";
}

export class Panels {
  private readonly heatmap = new Heatmap(element<HTMLCanvasElement>("heatmap"));
  private readonly rows: HTMLLIElement[] = [];
  private choiceKeys = "";
  private announced = "";
  private announceAtMs = 0;

  constructor(private readonly chooseBody: (key: string) => void) {}

  draw(data: PanelData, theme: Theme): void {
    this.drawVerdict(data);
    this.drawChoices(data.choices);
    this.drawBars(data.bars);
    setText(element("no-bars"), data.bars.length > 0 ? "" : barless(data.verdict));
    this.drawHeat(data, theme);
  }

  private drawVerdict(data: PanelData): void {
    const { verdict } = data;
    element("likely").hidden = verdict.kind === "exemplar";
    element("heat").hidden = verdict.kind === "exemplar";
    const box = element("verdict");
    box.dataset.kind = verdict.kind;
    const label = element("label");
    label.dataset.label = verdict.label ?? "";
    setText(label, headline(verdict));
    setText(element("kicker"), data.kicker);
    setText(element("confidence"), sureness(verdict));
    element("sure").hidden = sureness(verdict) === "";
    const share = verdict.kind === "action" ? verdict.confidence : verdict.perhaps?.confidence;
    element("meter").style.setProperty("--share", String(share ?? 0));
    const joints = joinedShares(verdict.joints);
    setText(element("why"), joints ? `carried by ${joints}` : "");
    const truth = element("truth");
    truth.dataset.truth = data.truth;
    setText(truth, data.truth ? `the source says: ${readable(data.truth)}` : "");
    const note = element("note");
    note.hidden = data.note === "";
    setText(note, data.note);
    this.announce(verdict);
  }

  /** Speak a new label once it has stood for a moment, and never more than one a second. */
  private announce(verdict: Verdict): void {
    const words = headline(verdict);
    const nowMs = performance.now();
    if (words === this.announced || nowMs < this.announceAtMs) return;
    this.announced = words;
    this.announceAtMs = nowMs + 1000;
    setText(element("announce"), words);
  }

  private drawChoices(choices: readonly BodyChoice[]): void {
    const host = element("choices");
    host.hidden = choices.length < 2;
    const keys = choices.map((choice) => `${choice.key}${choice.selected}`).join("|");
    if (keys === this.choiceKeys) return;
    this.choiceKeys = keys;
    host.replaceChildren(...choices.map((choice) => this.choiceButton(choice)));
  }

  private choiceButton(choice: BodyChoice): HTMLButtonElement {
    const button = make("button", "choice", choice.text);
    button.type = "button";
    button.style.setProperty("--body", choice.colour);
    button.setAttribute("aria-pressed", String(choice.selected));
    button.addEventListener("click", () => this.chooseBody(choice.key));
    return button;
  }

  private drawBars(bars: readonly Bar[]): void {
    const host = element("bars");
    while (this.rows.length < bars.length) this.rows.push(host.appendChild(barRow()));
    this.rows.forEach((row, i) => {
      const bar = bars[i];
      row.hidden = bar === undefined;
      if (!bar) return;
      row.dataset.kind = bar.kind;
      const [name, value] = row.querySelectorAll("span");
      setText(name!, bar.kind === "background" ? "nothing known" : readable(bar.label));
      setText(value!, percent(bar.probability));
      row.style.setProperty("--share", bar.probability.toFixed(3));
    });
  }

  private drawHeat(data: PanelData, theme: Theme): void {
    setText(element("heat-title"), data.heatTitle ? `“${data.heatTitle}”` : "");
    setText(element("heat-sum"), data.heatSum);
    element("heat-key").hidden = data.heatmap === null;
    this.heatmap.draw(data.heatmap, theme);
    const words = data.heatmap ? describe(data.heatmap) : "No relevance yet";
    element("heatmap").setAttribute("aria-label", words);
  }
}

function barRow(): HTMLLIElement {
  const row = make("li");
  row.append(make("span", "name"), make("span", "value"));
  return row;
}

/** The heat map in words: the joints that say most for the label. */
export function describe(data: HeatmapData): string {
  const ranked = data.totals
    .map((total, j) => ({ total, name: jointName(data.joints[j] ?? "") }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total);
  const names = ranked.slice(0, 3).map(({ name }) => name);
  return names.length > 0
    ? `Relevance of each joint over time; most for the label: ${names.join(", ")}`
    : "Relevance of each joint over time; no joint speaks for the label";
}
