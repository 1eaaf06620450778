/** The card of one unit: its filter, its figures, its classes and the moments that excite it. */

import type { Atlas, AtlasEntry, AtlasSource, AtlasUnit } from "../wire/atlas";
import type { Theme } from "../page/colour";
import { make } from "../page/dom";
import { percent } from "../page/wording";
import { channelChoice, strongestChannel } from "./channel_choice";
import { classBars } from "./class_bars";
import { FilterFigures } from "./figures";
import { drawFilterMap, mapHeight } from "./filter_map";
import { MomentList } from "./moment_list";

/** The directions of the axes of a served model. */
const AXIS_NAMES: Record<string, string> = {
  x: "x, to the body's right",
  y: "y, up",
  z: "z, to the back",
  seen: "1 if the joint is seen",
};

/** Everything of a card that needs the description of its unit. */
interface Content {
  unit: AtlasUnit;
  figures: FilterFigures;
  moments: MomentList;
  map: HTMLCanvasElement;
  movement: HTMLCanvasElement;
  velocities: HTMLCanvasElement;
}

export class FilterCard {
  readonly element = make("li", "filter");
  visible = false;
  /** Whether the unit is requested, or already there. */
  requested = false;
  private channel = 0;
  private content: Content | null = null;
  private readonly note = make("p", "small", "Loading…");

  constructor(
    private readonly atlas: Atlas,
    readonly entry: AtlasEntry,
  ) {
    const title = `Unit ${entry.unit}: ${entry.name}`;
    this.element.setAttribute("aria-label", title);
    this.element.append(make("h3", "", title), make("p", "small", carriedText(entry)), this.note);
  }

  /** Shows the description of the unit. */
  fill(unit: AtlasUnit, source: AtlasSource): void {
    const content: Content = {
      unit,
      figures: new FilterFigures(this.atlas, unit),
      moments: new MomentList(this.atlas, unit, source),
      map: picture("", "map"),
      movement: picture("Mean pose, and the same displaced by the filter", "figure"),
      velocities: picture("Mean pose with an arrow for each joint that should move", "figure"),
    };
    content.map.style.height = `${mapHeight(this.atlas.joints.length)}px`;
    const pictures = make("div", "pictures");
    pictures.append(
      titled(content.movement, `As a movement (${unit.scale.toPrecision(2)} m per weight)`),
      titled(content.velocities, `As velocities (up to ${fastest(unit).toPrecision(2)} per m/s)`),
    );
    const parts = make("div", "parts");
    parts.append(this.mapBox(content), pictures);
    this.note.remove();
    this.element.append(parts, classBars(unit.classes));
    if (unit.moments.length > 0) {
      this.element.append(make("h4", "", "Moments that excite it most"), content.moments.element);
    }
    this.content = content;
  }

  /** Says in place of the content that it could not be loaded. */
  fail(text: string): void {
    this.note.textContent = text;
  }

  /** Draws the card at a time; `still` holds its figures. */
  draw(nowMs: number, still: boolean, theme: Theme): void {
    if (!this.content) return;
    const { unit, figures, moments, map, movement, velocities } = this.content;
    const timeMs = still && !this.element.matches(":hover, :focus-within") ? null : nowMs;
    const { joints, rate_hz: rateHz } = this.atlas;
    const strong = new Set(unit.joints.map(({ joint }) => joint));
    const lengthS = (unit.weights[0]?.[0]?.length ?? 1) / rateHz;
    const { weights } = unit;
    drawFilterMap(map, { joints, weights, channel: this.channel, strong, lengthS }, theme);
    figures.drawMovement(movement, timeMs, theme);
    figures.drawVelocities(velocities, theme);
    moments.draw(timeMs, theme);
  }

  private mapBox({ map, unit }: Content): HTMLElement {
    const box = make("div", "weights");
    const strongest = strongestChannel(unit.weights);
    const choose = (channel: number): void => {
      this.channel = channel;
      const name = this.atlas.channels[channel]!;
      map.setAttribute(
        "aria-label",
        `Weights of each joint over time: ${AXIS_NAMES[name] ?? name}`,
      );
    };
    choose(strongest);
    box.append(channelChoice(this.atlas.channels, AXIS_NAMES, strongest, choose), map);
    return box;
  }
}

/** How much of the filter its joints carry, and whether it compares two people. */
function carriedText({ joints, people, between_people: between }: AtlasEntry): string {
  const share = joints.reduce((sum, joint) => sum + joint.share, 0);
  const carried = `These joints carry ${percent(share)} of the filter.`;
  if (!between) return carried;
  const shares = people.map((part, i) => `${"AB"[i] ?? i} ${percent(part)}`).join(", ");
  return `${carried} It compares two people (${shares}).`;
}

/** The length of the longest velocity. */
const fastest = ({ velocities }: AtlasUnit): number =>
  Math.max(...velocities.map((velocity) => Math.hypot(...velocity)));

function picture(text: string, kind: string): HTMLCanvasElement {
  const canvas = make("canvas", kind);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", text);
  return canvas;
}

function titled(canvas: HTMLCanvasElement, text: string): HTMLElement {
  const box = make("figure");
  box.append(canvas, make("figcaption", "small", text));
  return box;
}
