/** The classes that a unit speaks for and against, as small bars. */

import type { ClassShare } from "../wire/atlas";
import { make } from "../page/dom";
import { percent, readable } from "../page/wording";

const MOST = 4;
/** A class with a smaller share is not shown. */
export const LEAST_SHARE = 0.01;

/** The strongest classes for (`sign` 1) or against (−1), strongest first. */
export function strongest(classes: readonly ClassShare[], sign: 1 | -1): ClassShare[] {
  return classes
    .filter(({ share }) => share * sign >= LEAST_SHARE)
    .sort((a, b) => (b.share - a.share) * sign)
    .slice(0, MOST);
}

/** Two lists of bars. Without classes there is nothing to show. */
export function classBars(classes: readonly ClassShare[]): HTMLElement {
  const box = make("div", "sides");
  if (classes.length === 0) return box;
  const widest = Math.max(...classes.map(({ share }) => Math.abs(share)), LEAST_SHARE);
  box.append(
    side("Speaks for", "for", strongest(classes, 1), widest),
    side("Speaks against", "against", strongest(classes, -1), widest),
  );
  return box;
}

function side(
  title: string,
  kind: string,
  shown: readonly ClassShare[],
  widest: number,
): HTMLElement {
  const box = make("div", kind);
  box.append(make("h4", "", title));
  if (shown.length === 0) {
    box.append(make("p", "small", `No class with ${percent(LEAST_SHARE)} or more.`));
    return box;
  }
  const list = make("ul");
  list.append(...shown.map((one) => row(one, widest)));
  box.append(list);
  return box;
}

function row({ label, share }: ClassShare, widest: number): HTMLElement {
  const item = make("li");
  const bar = make("i");
  bar.setAttribute("aria-hidden", "true");
  bar.style.width = `${(Math.abs(share) / widest) * 100}%`;
  item.append(make("span", "", readable(label)), bar, make("b", "", percent(Math.abs(share))));
  return item;
}
