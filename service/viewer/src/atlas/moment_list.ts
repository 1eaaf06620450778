/** The moments that excite a unit most, as small figures that play. */

import type { Atlas, AtlasMoment, AtlasSource, AtlasUnit } from "../wire/atlas";
import type { Theme } from "../page/colour";
import { make } from "../page/dom";
import { readable } from "../page/wording";
import { extentOf } from "../panels/stick_figure";
import { drawMoment, groupIndices, type PlayedMoment } from "./figures";
import { spanOf, turnedMotion } from "./view";

interface Shown {
  canvas: HTMLCanvasElement;
  played: PlayedMoment | null;
}

export class MomentList {
  readonly element = make("ul", "moments");
  private readonly shown: Shown[];
  private readonly strong: number[];

  constructor(
    private readonly atlas: Atlas,
    private readonly unit: AtlasUnit,
    private readonly source: AtlasSource,
  ) {
    this.strong = groupIndices(atlas.layout, unit);
    this.shown = unit.moments.map((moment) => this.add(moment));
  }

  /** Draws all moments at a time, or still if it is null. */
  draw(nowMs: number | null, theme: Theme): void {
    for (const { canvas, played } of this.shown) {
      if (played) drawMoment(canvas, played, nowMs, this.atlas.layout, this.strong, theme);
    }
  }

  private add(moment: AtlasMoment): Shown {
    const canvas = make("canvas");
    canvas.setAttribute("aria-hidden", "true");
    const item = make("li");
    const where = `${moment.at_s.toFixed(1)} s, ${moment.deviations.toFixed(1)} σ`;
    item.append(canvas, make("span", "", readable(moment.label)), make("span", "small", where));
    this.element.append(item);
    const shown: Shown = { canvas, played: null };
    void this.load(moment, shown);
    return shown;
  }

  private async load(moment: AtlasMoment, shown: Shown): Promise<void> {
    const found = await this.source.motion(moment.label).catch(() => null);
    if (!found) return;
    const motion = turnedMotion(found);
    const lengthS = (motion.joints_m.length - 1) / motion.rate_hz;
    const taps = this.unit.weights[0]?.[0]?.length ?? 1;
    const span = spanOf(moment.at_s, taps, this.atlas.rate_hz, lengthS);
    shown.played = { motion, extent: extentOf(motion), span };
  }
}
