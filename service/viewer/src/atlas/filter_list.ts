/** The list of all units of an atlas. Units are loaded when they come into view. */

import type { Atlas, AtlasSource } from "../wire/atlas";
import type { Theme } from "../page/colour";
import { make } from "../page/dom";
import { FilterCard } from "./filter_card";

const LOADS_AT_ONCE = 3;
const RETRY_MS = 5000;
const FRAME_MS = 40;

const EXPLAINED = [
  "A unit adds up the coordinates of joints over a short time, each times a weight.",
  "Weights: orange adds to the answer of the unit, blue takes from it. Bold joints carry most.",
  "As a movement: the mean pose (faint), and the movement that excites the unit most, slowed down.",
  "As velocities: the directions in which joints should move.",
  "Speaks for and against: its part in the score of a class, among all units.",
  "Moments: coloured while the unit reads them; σ counts standard deviations above its mean.",
];

export class FilterList {
  private readonly cards = new Map<Element, FilterCard>();
  private readonly reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  private readonly visibility = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const card = this.cards.get(target);
        if (card) card.visible = isIntersecting;
      }
    },
    { rootMargin: "200px" },
  );
  private state: "empty" | "loading" | "filled" = "empty";
  private loading = 0;
  private drawnMs = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly source: AtlasSource,
  ) {}

  /** Requests the overview once; after an error, the next call tries again. */
  async fill(): Promise<void> {
    if (this.state !== "empty") return;
    this.state = "loading";
    const status = make("p", "small", "Computing the filters; the first time takes some seconds…");
    status.setAttribute("role", "status");
    this.box.replaceChildren(status);
    try {
      this.show(await this.source.overview());
      this.state = "filled";
    } catch (error) {
      this.state = "empty";
      status.textContent = `The filters could not be loaded: ${sentence(error)}`;
    }
  }

  /** Draws the visible cards, and loads those that are missing. */
  draw(nowMs: number, theme: Theme): void {
    if (this.state !== "filled" || nowMs - this.drawnMs < FRAME_MS) return;
    this.drawnMs = nowMs;
    for (const card of this.cards.values()) {
      if (!card.visible) continue;
      if (!card.requested) this.load(card);
      card.draw(nowMs, this.reducedMotion.matches, theme);
    }
  }

  private show(atlas: Atlas): void {
    const list = make("ul", "filter-list");
    for (const entry of atlas.units) {
      const card = new FilterCard(atlas, entry);
      this.cards.set(card.element, card);
      list.append(card.element);
    }
    const notes = atlas.notes.map((note) => make("p", "small", note));
    const caution = make("p", "caution", atlas.caution);
    this.box.replaceChildren(caution, howToRead(), ...notes, list);
    for (const element of this.cards.keys()) this.visibility.observe(element);
  }

  private load(card: FilterCard): void {
    if (this.loading >= LOADS_AT_ONCE) return;
    card.requested = true;
    this.loading += 1;
    this.source
      .unit(card.entry.unit)
      .then((unit) => card.fill(unit, this.source))
      .catch((error: unknown) => {
        card.fail(`This unit could not be loaded: ${sentence(error)}`);
        window.setTimeout(() => (card.requested = false), RETRY_MS);
      })
      .finally(() => (this.loading -= 1));
  }
}

function howToRead(): HTMLElement {
  const box = make("details", "small");
  const list = make("ul", "reading");
  list.append(...EXPLAINED.map((text) => make("li", "", text)));
  box.append(make("summary", "", "How to read the cards"), list);
  return box;
}

const sentence = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
