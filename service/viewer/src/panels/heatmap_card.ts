/** The card of the heat map: its title, the heat map, its legend and the sum. */

import type { Theme } from "../page/colour";
import { element, setText } from "../page/dom";
import { jointName } from "../page/wording";
import type { HeatmapData } from "../state/joint_heat";
import type { PanelData } from "../state/screen";
import { Heatmap } from "./heatmap";

const NAMED_JOINTS = 3;

export class HeatmapCard {
  private readonly heatmap = new Heatmap(element<HTMLCanvasElement>("heatmap"));

  draw({ heatmap, heatTitle, heatSum }: PanelData, theme: Theme): void {
    setText(element("heat-title"), heatTitle ? `“${heatTitle}”` : "");
    setText(element("heat-sum"), heatSum);
    element("heat-key").hidden = heatmap === null;
    this.heatmap.draw(heatmap, theme);
    element("heatmap").setAttribute("aria-label", description(heatmap));
  }
}

/** The heat map in words, for screen readers: the joints that speak most for the label. */
function description(data: HeatmapData | null): string {
  if (!data) return "No explanation yet";
  const names = data.totals
    .map((total, j) => ({ total, name: jointName(data.joints[j] ?? "") }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total)
    .slice(0, NAMED_JOINTS)
    .map(({ name }) => name);
  return names.length > 0
    ? `Relevance of each joint over time. Most for the label: ${names.join(", ")}`
    : "Relevance of each joint over time. No joint speaks for the label.";
}
