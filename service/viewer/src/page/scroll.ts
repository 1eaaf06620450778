/** Scrolls to a part of the page and keeps it in view. */

/** Input after which only the user scrolls. */
const INPUT = ["wheel", "touchmove", "pointerdown", "keydown"];

let latest: AbortController | null = null;

/**
 * Scrolls to a part, and again whenever the page or the part changes its size, because the panels
 * above it grow and shrink. A part that is hidden is scrolled to as soon as it is shown. Ends with
 * the next input, with any other scrolling, or with the next call.
 */
export function keepInView(part: HTMLElement, block: ScrollLogicalPosition): void {
  latest?.abort();
  const keeping = new AbortController();
  latest = keeping;
  let topPx = 0;
  let heightPx = 0;
  const scroll = () => {
    part.scrollIntoView({ block });
    topPx = window.scrollY;
    heightPx = document.body.offsetHeight;
  };
  const sizes = new ResizeObserver(scroll);
  sizes.observe(document.body);
  sizes.observe(part);
  scroll();
  keeping.signal.addEventListener("abort", () => sizes.disconnect());
  const listen = (event: string, heard: () => void) =>
    window.addEventListener(event, heard, { signal: keeping.signal, passive: true });
  for (const event of INPUT) listen(event, () => keeping.abort());
  listen("scroll", () => {
    // Where the height changed, the browser may have moved the page, and `scroll` runs next.
    if (document.body.offsetHeight !== heightPx) return;
    if (Math.abs(window.scrollY - topPx) > 1) keeping.abort();
  });
}
