/** The card of the heat map: its title, the heat map, its legend and the sum. */

import type { Theme } from "../page/colour";
import { element, setText } from "../page/dom";
import { jointName } from "../page/wording";
import type { HeatmapData } from "../state/joint_heat";
import type { PanelData } from "../state/screen";
import { Heatmap } from "./heatmap";

const NAMED_JOINTS = 3;

export class HeatmapCard {
  private readonly heatmap = new Heatmap(
    element<HTMLCanvasElement>("heatmap"),
    element("heat-map"),
  );

  draw(data: PanelData, theme: Theme): void {
    const { heatmap, heatTitle, heatNote } = data;
    setText(element("heat-title"), heatTitle ? `“${heatTitle}”` : "");
    setText(element("heat-note"), heatNote);
    element("heat-note").hidden = heatNote === "";
    element("heat-why").hidden = data.headline.kind !== "action" || data.action === null;
    this.drawSum(data);
    this.heatmap.draw(heatmap, theme);
    element("heatmap").setAttribute("aria-label", heatNote || description(heatmap));
  }

  /** The sum is a line of its own, or opens to show its numbers. */
  private drawSum({ heatSum, heatNumbers }: PanelData): void {
    const opens = heatNumbers !== "";
    setText(element("heat-sum"), opens ? "" : heatSum);
    element("heat-sum").hidden = opens;
    element("heat-exact").hidden = !opens;
    if (!opens) return;
    setText(element("heat-total"), heatSum);
    setText(element("heat-numbers"), heatNumbers);
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
