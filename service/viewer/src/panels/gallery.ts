/** The gallery of class exemplars: small moving skeletons, loaded as they come into view. */

import type { Exemplar } from "../wire/answers";
import type { LayoutInfo } from "../wire/messages";
import { fetchExemplar, fetchExemplars } from "../wire/rest";
import { fitted, type Pen } from "../page/canvas";
import { css, type Theme } from "../page/colour";
import { element, make } from "../page/dom";
import { readable } from "../page/wording";
import { bridged, pictureX, poseAt } from "../scene/space";

const AT_ONCE = 3;
const FRAME_MS = 40;

interface Card {
  index: number;
  button: HTMLButtonElement;
  canvas: HTMLCanvasElement;
  exemplar: Exemplar | null;
  asked: boolean;
  visible: boolean;
}

interface Extent {
  x: number;
  y: number;
  scale: number;
}

export class Gallery {
  private readonly cards = new Map<Element, Card>();
  private readonly extents = new Map<number, Extent>();
  private readonly seeing = new IntersectionObserver((entries) => this.see(entries), {
    rootMargin: "120px",
  });
  private readonly calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  private loading = 0;
  private drawnMs = 0;
  private filled = false;

  constructor(private readonly choose: (exemplar: Exemplar) => void) {}

  /** Ask the service once what exemplars it has; without any the gallery stays hidden. */
  async fill(background: string): Promise<void> {
    if (this.filled) return;
    this.filled = true;
    const { labels } = await fetchExemplars().catch(() => {
      this.filled = false;
      return { labels: [] as string[] };
    });
    labels.forEach((label, index) => {
      if (label !== background) this.add(label, index);
    });
    const empty = this.cards.size === 0;
    element("gallery").hidden = empty;
    element("gallery-link").hidden = empty;
  }

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
    const card = { index, button, canvas, exemplar: null, asked: false, visible: false };
    this.cards.set(button, card);
    button.addEventListener("click", () => void this.open(card));
    this.seeing.observe(button);
  }

  private see(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const card = this.cards.get(entry.target);
      if (card) card.visible = entry.isIntersecting;
    }
  }

  private load(card: Card): void {
    if (card.asked || this.loading >= AT_ONCE) return;
    card.asked = true;
    this.loading += 1;
    fetchExemplar(card.index)
      .then((exemplar) => {
        card.exemplar = exemplar;
      })
      .catch(() => {
        window.setTimeout(() => {
          card.asked = false;
        }, 5000);
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
    card: Card,
    exemplar: Exemplar,
    nowMs: number,
    layout: LayoutInfo,
    theme: Theme,
  ): void {
    const pen = fitted(card.canvas);
    if (!pen) return;
    const { joints_m: frames, rate_hz: rateHz } = exemplar;
    const lengthS = frames.length / rateHz;
    const still = this.calm.matches && !card.button.matches(":hover, :focus-visible");
    const timeS = still ? lengthS / 2 : (nowMs / 1000) % lengthS;
    const extent = this.extentOf(card, exemplar);
    pen.translate(card.canvas.clientWidth / 2, card.canvas.clientHeight / 2);
    const size = Math.min(card.canvas.clientWidth, card.canvas.clientHeight) * 0.88;
    drawStick(pen, exemplar, poseAt(frames, rateHz, timeS), layout, extent, size, theme);
  }

  /** The box that the whole motion stays in, so that the figure does not jump about. */
  private extentOf(card: Card, exemplar: Exemplar): Extent {
    let extent = this.extents.get(card.index);
    if (!extent) {
      const seen = exemplar.joints_m.flatMap((pose) =>
        pose.filter((_, j) => (exemplar.confidence[j] ?? 1) > 0),
      );
      const xs = seen.map((joint) => pictureX(joint, false));
      const ys = seen.map((joint) => joint[1]);
      const [left, right] = rangeOf(xs);
      const [low, high] = rangeOf(ys);
      const scale = 1 / Math.max(right - left, high - low, 0.5);
      extent = { x: (left + right) / 2, y: (low + high) / 2, scale };
      this.extents.set(card.index, extent);
    }
    return extent;
  }
}

function rangeOf(values: readonly number[]): [number, number] {
  return values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

function drawStick(
  pen: Pen,
  exemplar: Exemplar,
  pose: Exemplar["joints_m"][number],
  layout: LayoutInfo,
  extent: Extent,
  size: number,
  theme: Theme,
): void {
  const { joints, seen } = bridged(layout.joints, pose, exemplar.confidence);
  const x = (j: number) => (pictureX(joints[j]!, false) - extent.x) * extent.scale * size;
  const y = (j: number) => (extent.y - joints[j]![1]) * extent.scale * size;
  pen.lineCap = "round";
  pen.lineWidth = Math.max(2, size * 0.034);
  pen.strokeStyle = css(theme.bone);
  pen.beginPath();
  for (const [a, b] of layout.bones) {
    if (!seen[a] || !seen[b]) continue;
    pen.moveTo(x(a), y(a));
    pen.lineTo(x(b), y(b));
  }
  pen.stroke();
  const head = layout.joints.indexOf("Head");
  if (!seen[head]) return;
  pen.fillStyle = css(theme.bone);
  pen.beginPath();
  pen.arc(x(head), y(head), Math.max(3, 0.085 * extent.scale * size), 0, 2 * Math.PI);
  pen.fill();
}
