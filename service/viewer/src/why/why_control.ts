/** Opens and closes the Why view, and keeps the page's address and the Back button in step. */

import { streamOfId } from "../wire/why";
import { streamHash, whyHash, whyOf } from "../page/address";
import { themeFor, type Theme } from "../page/colour";
import { element } from "../page/dom";
import type { Screen, WhyQuestion } from "../state/screen";
import type { Band } from "../state/timeline";
import { liveQuestion } from "../screens/live_explanation";
import { WhyView } from "./why_view";

/** The page around the view. */
export interface WhyPage {
  screen(): Screen;
  /** The stream in view. */
  stream(): string | null;
}

/** The elements that explain the action of the headline. */
const OPENERS = ["why-open", "heat-why", "label"];

export class WhyControl {
  private readonly view = new WhyView(
    () => this.labels(),
    () => this.left(),
  );
  /** Whether the view has an entry of its own in the browser's history. */
  private pushed = false;
  /** The action that the address asks about. */
  private linked: string | null = null;

  constructor(private readonly page: WhyPage) {}

  get isOpen(): boolean {
    return this.view.isOpen;
  }

  /** Listens, and opens the view of the action in the page's address. */
  start(): void {
    for (const id of OPENERS) {
      element(id).addEventListener("click", () => {
        const { action } = this.page.screen().panel(themeFor(true));
        if (action) this.open(action);
      });
    }
    window.addEventListener("popstate", () => this.followAddress());
    this.followAddress();
  }

  /** Explains an action of the screen in view. */
  open(band: Band): void {
    const question = this.page.screen().why(band);
    if (!question || this.isOpen) return;
    // A clip has no address, but the Back button closes its view too.
    const address = question.id === null ? location.href : whyHash(question.id);
    history.pushState(null, "", address);
    this.pushed = true;
    this.show(question);
  }

  draw(dtS: number, theme: Theme): void {
    if (this.isOpen) this.view.draw(dtS, theme);
  }

  private show(question: WhyQuestion): void {
    this.linked = question.id;
    this.view.open(question);
  }

  /** Opens or closes the view after the Back or Forward button, or an edited address. */
  private followAddress(): void {
    const id = whyOf(location.hash);
    if (this.isOpen && id !== null && id === this.linked) return;
    this.pushed = false;
    if (id !== null) this.show(liveQuestion(id, ""));
    else if (this.isOpen) this.view.close();
  }

  /** The view was closed: the address names the stream again. */
  private left(): void {
    if (this.pushed) {
      this.pushed = false;
      history.back();
      return;
    }
    const id = whyOf(location.hash);
    if (id === null) return;
    const stream = this.page.stream() ?? streamOfId(id);
    const path = location.pathname + location.search;
    history.replaceState(null, "", stream === null ? path : streamHash(stream));
  }

  private labels(): readonly string[] {
    const { labels, background } = this.page.screen();
    return labels.filter((_, c) => c !== background);
  }
}
