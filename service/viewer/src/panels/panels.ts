/** All panels that show one `PanelData`: headline, most likely classes and heat map. */

import type { Theme } from "../page/colour";
import { element } from "../page/dom";
import { noBarsText } from "../state/headline";
import type { PanelData } from "../state/screen";
import { HeadlinePanel } from "./headline_panel";
import { HeatmapCard } from "./heatmap_card";
import { Likeliest } from "./likeliest";

export class Panels {
  private readonly headline: HeadlinePanel;
  private readonly likeliest = new Likeliest();
  private readonly heatmap = new HeatmapCard();

  constructor(chooseBody: (key: string) => void) {
    this.headline = new HeadlinePanel(chooseBody);
  }

  draw(data: PanelData, theme: Theme): void {
    const exemplar = data.headline.kind === "exemplar";
    element("likely").hidden = exemplar;
    element("heat").hidden = exemplar;
    element("about").hidden = !exemplar;
    this.headline.draw(data);
    this.likeliest.draw(data.bars, noBarsText(data.headline));
    this.heatmap.draw(data, theme);
  }
}
