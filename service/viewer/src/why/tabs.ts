/** The tabs of the Why view on a phone. On a wide screen all parts are in view, and no tab is. */

import { make } from "../page/dom";

export class Tabs {
  readonly root = make("div", "why-tabs");
  private readonly tabs: HTMLButtonElement[];

  /**
   * `parts` are shown by the tabs with these `names`. A page with a list of filters has a button
   * that goes there.
   */
  constructor(
    names: readonly string[],
    private readonly parts: readonly HTMLElement[],
    goToFilters: () => void,
  ) {
    const list = make("div", "why-tablist");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Parts of the explanation");
    this.tabs = names.map((name, i) => this.tabOf(name, i));
    list.append(...this.tabs);
    this.root.append(list);
    if (document.getElementById("filters")) this.root.append(filtersButton(goToFilters));
    parts.forEach((part, i) => {
      part.id = `why-part-${i}`;
      part.setAttribute("role", "tabpanel");
      part.setAttribute("aria-label", names[i]!);
    });
    this.choose(0);
  }

  choose(chosen: number): void {
    this.tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
    });
    this.parts.forEach((part, i) => part.classList.toggle("chosen", i === chosen));
  }

  private tabOf(name: string, i: number): HTMLButtonElement {
    const tab = make("button", "why-tab", name);
    tab.type = "button";
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", `why-part-${i}`);
    tab.addEventListener("click", () => this.choose(i));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step === undefined) return;
      event.stopPropagation();
      const next = (i + step + this.tabs.length) % this.tabs.length;
      this.choose(next);
      this.tabs[next]!.focus();
    });
    return tab;
  }
}

function filtersButton(go: () => void): HTMLButtonElement {
  const button = make("button", "why-tab filters-tab", "Filters");
  button.type = "button";
  button.addEventListener("click", go);
  return button;
}
