/** The strongest units of the first layer over the action, one track each. */

import type { WhyAnswer, WhyUnit } from "../wire/why";
import { bodyColour, type Theme } from "../page/colour";
import { make } from "../page/dom";
import { percent } from "../page/wording";
import { type Part, PART_COLOURS, partOf } from "../state/joint_parts";
import { signed, type TimeSpan, unitScale } from "../state/why_data";
import type { Focus } from "./focus";
import { whyJointName } from "./story";
import { drawTrack } from "./track_canvas";

const NAMED_JOINTS = 2;

interface Track {
  unit: WhyUnit;
  part: Part;
  item: HTMLLIElement;
  canvas: HTMLCanvasElement;
}

export class Tracks {
  readonly root = make("section", "why-part why-units");
  private readonly list = make("ul", "units");
  private readonly ends = make("p", "small track-ends");
  private tracks: Track[] = [];
  private answer: WhyAnswer | null = null;
  private span: TimeSpan = { startS: 0, endS: 1 };

  /** `seek` goes to a moment. */
  constructor(
    private readonly focus: Focus,
    private readonly seek: (timeS: number) => void,
  ) {
    const note = make("p", "small");
    note.textContent =
      "What each of the strongest first-layer units added to the score: above the line for the " +
      "label, below it against. Hatched: silent.";
    this.root.append(make("h3", "", "Units"), note, this.list, this.ends);
  }

  show(answer: WhyAnswer, span: TimeSpan): void {
    this.answer = answer;
    this.span = span;
    this.tracks = answer.units.map((unit) => this.trackOf(unit));
    this.list.replaceChildren(...this.tracks.map(({ item }) => item));
    const ends = [span.startS, span.endS].map((timeS) => `${signed(timeS, 1)} s`);
    this.ends.replaceChildren(...ends.map((text) => make("span", "", text)));
  }

  draw(timeS: number, theme: Theme): void {
    const { answer } = this;
    if (!answer) return;
    const shade = this.focus.current?.span ?? null;
    const view = { times: answer.times_s, scale: unitScale(answer), span: this.span, timeS, shade };
    for (const { unit, part, item, canvas } of this.tracks) {
      const colour = bodyColour(theme, PART_COLOURS[part]);
      item.style.setProperty("--part", colour);
      drawTrack(canvas, unit.values, view, colour, theme);
    }
  }

  private trackOf(unit: WhyUnit): Track {
    const part = partOf(unit.joints);
    const item = make("li", "unit");
    const name = make("button", "unit-name");
    name.type = "button";
    const share = `${unit.share < 0 ? "−" : "+"}${percent(Math.abs(unit.share))}`;
    name.append(make("span", "", unitName(unit)), make("span", "small", `${part}, ${share}`));
    name.addEventListener("click", () => this.seek(this.peakS(unit)));
    const canvas = make("canvas");
    canvas.setAttribute("aria-hidden", "true");
    this.listen(canvas);
    item.append(name, canvas);
    this.focus.follow(item, { joints: unit.joints, part, span: null });
    return { unit, part, item, canvas };
  }

  /** The moment at which a unit adds most, or takes most away. */
  private peakS({ values }: WhyUnit): number {
    const strength = values.map(Math.abs);
    return this.answer!.times_s[strength.indexOf(Math.max(...strength))]!;
  }

  private listen(canvas: HTMLCanvasElement): void {
    const seek = (event: PointerEvent) => {
      const { left, width } = canvas.getBoundingClientRect();
      const { startS, endS } = this.span;
      this.seek(startS + ((event.clientX - left) / width) * (endS - startS));
    };
    canvas.addEventListener("pointerdown", seek);
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons > 0) seek(event);
    });
  }
}

/** A unit by the joints that its filter reads most: "left ankle + left hip". */
export function unitName({ joints, unit }: WhyUnit): string {
  const named = joints.slice(0, NAMED_JOINTS).map(({ joint }) => whyJointName(joint));
  const more = joints.length - named.length;
  if (named.length === 0) return `unit ${unit}`;
  return named.join(" + ") + (more > 0 ? ` + ${more} more` : "");
}
