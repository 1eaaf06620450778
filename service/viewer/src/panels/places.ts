/** The links to the parts of the page: in the header, and at the bottom of a phone. */

import { element } from "../page/dom";
import { keepInView } from "../page/scroll";

/**
 * Goes to the label, to the live stream (`live`), to the drop zone, to the gallery and to the
 * filters.
 */
export function listenToPlaces(live: () => void): void {
  on("skip-link", () => element("label").focus());
  on("live-link", () => {
    live();
    keepInView(document.body, "start");
  });
  on("clip-link", () => {
    keepInView(element("drop"), "center");
    element("file").focus({ preventScroll: true });
  });
  on("gallery-link", () => keepInView(element("gallery"), "start"));
  on("filters-link", () => {
    const filters = element<HTMLDetailsElement>("filters");
    filters.open = true;
    keepInView(filters, "start");
    element("filters-title").focus({ preventScroll: true });
  });
}

/** The address of the page names the stream in view, so that a link must not change it. */
function on(id: string, go: () => void): void {
  element(id).addEventListener("click", (event) => {
    event.preventDefault();
    go();
  });
}
