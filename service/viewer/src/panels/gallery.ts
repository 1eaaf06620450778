/** The gallery of exemplars: small moving skeletons, loaded when they come into view. */

import type { Exemplar } from "../wire/answers";
import type { LayoutInfo } from "../wire/messages";
import { fetchExemplar, fetchExemplars, untilAnswered } from "../wire/rest";
import { fitted } from "../page/canvas";
import type { Theme } from "../page/colour";
import { element, make } from "../page/dom";
import { readable } from "../page/wording";
import { drawStickFigure, type Extent, extentOf } from "./stick_figure";

const LOADS_AT_ONCE = 3;
const RETRY_MS = 5000;
const FRAME_MS = 40;

interface Card {
  index: number;
  button: HTMLButtonElement;
  canvas: HTMLCanvasElement;
  exemplar: Exemplar | null;
  requested: boolean;
  visible: boolean;
}

export class Gallery {
  private readonly cards = new Map<Element, Card>();
  private readonly extents = new Map<Exemplar, Extent>();
  private readonly visibility = new IntersectionObserver((entries) => this.update(entries), {
    rootMargin: "120px",
  });
  private readonly reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  private loading = 0;
  private drawnMs = 0;
  private filled = false;

  /** `connected` tells whether the service can be asked. */
  constructor(
    private readonly choose: (exemplar: Exemplar) => void,
    private readonly connected: () => boolean,
  ) {}

  /**
   * Requests the list of exemplars once, if the model has exemplars. Without exemplars the gallery
   * and the link to it are hidden.
   */
  async fill(hasExemplars: boolean, background: string): Promise<void> {
    if (this.filled) return;
    this.filled = hasExemplars;
    const labels = hasExemplars ? await this.fetchLabels() : [];
    labels.forEach((label, index) => {
      if (label !== background) this.add(label, index);
    });
    const empty = this.cards.size === 0;
    element("gallery").hidden = empty;
    element("gallery-link").hidden = empty;
  }

  /** Returns no labels if there is no answer; then the next `fill` requests them again. */
  private async fetchLabels(): Promise<readonly string[]> {
    const answer = await untilAnswered(fetchExemplars, this.connected);
    this.filled = answer !== null;
    return answer?.labels ?? [];
  }

  /** Draws the visible exemplars, and loads those that are missing. */
  draw(nowMs: number, layout: LayoutInfo, theme: Theme): void {
    if (nowMs - this.drawnMs < FRAME_MS) return;
    this.drawnMs = nowMs;
    for (const card of this.cards.values()) {
      if (!card.visible) continue;
      if (card.exemplar) this.drawCard(card, card.exemplar, nowMs, layout, theme);
      else this.load(card);
    }
  }

  private add(label: string, index: number): void {
    const button = make("button", "exemplar");
    button.type = "button";
    const canvas = make("canvas");
    canvas.setAttribute("aria-hidden", "true");
    button.append(canvas, make("span", "", readable(label)));
    const item = make("li");
    item.append(button);
    element("exemplars").append(item);
    const card = { index, button, canvas, exemplar: null, requested: false, visible: false };
    this.cards.set(button, card);
    button.addEventListener("click", () => void this.open(card));
    this.visibility.observe(button);
  }

  private update(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const card = this.cards.get(entry.target);
      if (card) card.visible = entry.isIntersecting;
    }
  }

  private load(card: Card): void {
    if (card.requested || this.loading >= LOADS_AT_ONCE) return;
    card.requested = true;
    this.loading += 1;
    fetchExemplar(card.index)
      .then((exemplar) => {
        card.exemplar = exemplar;
      })
      .catch(() => {
        window.setTimeout(() => {
          card.requested = false;
        }, RETRY_MS);
      })
      .finally(() => {
        this.loading -= 1;
      });
  }

  private async open(card: Card): Promise<void> {
    card.exemplar ??= await fetchExemplar(card.index).catch(() => null);
    if (card.exemplar) this.choose(card.exemplar);
  }

  private drawCard(
    { canvas, button }: Card,
    exemplar: Exemplar,
    nowMs: number,
    layout: LayoutInfo,
    theme: Theme,
  ): void {
    const pen = fitted(canvas);
    if (!pen) return;
    const lengthS = exemplar.joints_m.length / exemplar.rate_hz;
    const still = this.reducedMotion.matches && !button.matches(":hover, :focus-visible");
    const timeS = still ? lengthS / 2 : (nowMs / 1000) % lengthS;
    const extent = this.extents.get(exemplar) ?? extentOf(exemplar);
    this.extents.set(exemplar, extent);
    pen.translate(canvas.clientWidth / 2, canvas.clientHeight / 2);
    const size = Math.min(canvas.clientWidth, canvas.clientHeight) * 0.88;
    drawStickFigure(pen, exemplar, timeS, layout, extent, size, theme);
  }
}
