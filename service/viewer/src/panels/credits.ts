/** The credits at the foot of the page: the data sets that the model was trained on. */

import type { ModelCard, TrainedOn } from "../wire/answers";
import { element, make } from "../page/dom";

export function drawCredits(card: ModelCard): void {
  const sets = card.trained_on;
  const title = make("h2", "", "Training data of the model");
  element("credits").replaceChildren(...(sets.length > 0 ? [title, ...sets.map(lineOf)] : []));
}

function lineOf(set: TrainedOn): HTMLParagraphElement {
  const line = make("p", "small");
  const citation = set.citation?.replace(/\.$/, "");
  const words = [citation, set.terms && `Terms: ${set.terms}`].filter(Boolean).join(". ");
  line.append(make("strong", "", set.name), ` ${words}`);
  return line;
}
