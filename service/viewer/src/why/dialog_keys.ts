/** The keys of the Why view. Escape closes it, which the browser does by itself. */

import type { MomentBar } from "./moment_bar";

const FOCUSABLE = "button, input, select, summary, a[href]";

/** Lets arrow keys scrub, and keeps Tab inside the dialog. No key reaches the page behind it. */
export function listenToKeys(dialog: HTMLDialogElement, bar: MomentBar): void {
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Tab") wrap(dialog, event);
    else if (!isOwn(event) && bar.takeKey(event.key)) event.preventDefault();
  });
}

/** Whether the focused control has a meaning of its own for this key. */
function isOwn({ key, target, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (altKey || ctrlKey || metaKey || target instanceof HTMLSelectElement) return true;
  return key === " " && (target as HTMLElement).matches("button, summary");
}

function wrap(dialog: HTMLDialogElement, event: KeyboardEvent): void {
  const all = [...dialog.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const inOrder = all.filter((one) => one.tabIndex >= 0 && one.checkVisibility());
  const [first, last] = [inOrder[0], inOrder.at(-1)];
  const { activeElement } = document;
  const back =
    event.shiftKey && (activeElement === first || !inOrder.includes(activeElement as HTMLElement));
  if (!back && (event.shiftKey || activeElement !== last)) return;
  event.preventDefault();
  (back ? last : first)?.focus();
}
