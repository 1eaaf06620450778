/** The page that `jointwise atlas` writes: the atlas is in the page itself. */

import "../styles/base.css";
import "../styles/atlas.css";
import "./atlas.css";
import type { Atlas, AtlasSource, AtlasUnit } from "../wire/atlas";
import type { Exemplar } from "../wire/answers";
import { themeFor } from "../page/colour";
import { element, setText } from "../page/dom";
import { FilterList } from "../atlas/filter_list";

/** The data in the page, as `service/atlas/page.py` writes it. */
interface PageData {
  overview: Atlas;
  units: AtlasUnit[];
  motions: Exemplar[];
}

class OwnAtlas implements AtlasSource {
  constructor(private readonly data: PageData) {}

  overview(): Promise<Atlas> {
    return Promise.resolve(this.data.overview);
  }

  unit(unit: number): Promise<AtlasUnit> {
    return Promise.resolve(this.data.units[unit]!);
  }

  motion(label: string): Promise<Exemplar> {
    const found = this.data.motions.find((motion) => motion.label === label);
    return found ? Promise.resolve(found) : Promise.reject(new Error(`no motion of ${label}`));
  }
}

const data = JSON.parse(element("data").textContent) as PageData;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const filters = new FilterList(element("filter-box"), new OwnAtlas(data));

function draw(nowMs: number): void {
  filters.draw(nowMs, themeFor(dark.matches));
  requestAnimationFrame(draw);
}

const { model, units } = data.overview;
setText(element("model"), `${units.length} units of ${model}`);
void filters.fill();
requestAnimationFrame(draw);
