/** The choice of a channel: x, y or z, or what else a model reads of a joint. */

import { make } from "../page/dom";

/** More channels than this stand in a list. */
const MOST_BUTTONS = 4;

/** The channel with the largest squared norm: of channels × joints × frames. */
export function strongestChannel(weights: readonly (readonly (readonly number[])[])[]): number {
  const norms = weights.map((rows) => rows.flat().reduce((sum, weight) => sum + weight ** 2, 0));
  return Math.max(0, norms.indexOf(Math.max(...norms)));
}

/** Buttons for a few channels, or a list of many. `choose` gets the number of a channel. */
export function channelChoice(
  channels: readonly string[],
  meanings: Readonly<Record<string, string>>,
  chosen: number,
  choose: (channel: number) => void,
): HTMLElement {
  const box = make("div", "axes");
  if (channels.length > MOST_BUTTONS) {
    box.append(listOf(channels, chosen, choose));
    return box;
  }
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Weights for");
  const buttons = channels.map((name) => make("button", "", name));
  const press = (channel: number): void =>
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === channel)));
  buttons.forEach((button, channel) => {
    button.type = "button";
    button.title = meanings[channels[channel]!] ?? "";
    button.addEventListener("click", () => {
      press(channel);
      choose(channel);
    });
  });
  press(chosen);
  box.append(...buttons);
  return box;
}

function listOf(
  channels: readonly string[],
  chosen: number,
  choose: (channel: number) => void,
): HTMLElement {
  const select = make("select");
  select.setAttribute("aria-label", "Weights for");
  channels.forEach((name, channel) => {
    const option = make("option", "", name);
    option.value = String(channel);
    option.selected = channel === chosen;
    select.append(option);
  });
  select.addEventListener("change", () => choose(Number(select.value)));
  return select;
}
