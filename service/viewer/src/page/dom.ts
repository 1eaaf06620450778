/** Elements of the page: finds them, makes them and sets their texts. */

/** The element of index.html with this id. Throws if there is none. */
// The caller states the type of the element.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found as T;
}

/** Sets a text only if it changed, which spares screen readers and the layout. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Creates an element that is not on the page yet. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
