/** The screen of an exemplar: the averaged motion of one class, in a loop. */

import type { Exemplar } from "../wire/answers";
import { bodyColour, type Theme } from "../page/colour";
import { readable } from "../page/wording";
import { Player } from "../state/player";
import type { PanelData, PlayedScreen, ShownBody } from "../state/screen";
import { poseAt } from "../scene/space";

export class ExemplarScreen implements PlayedScreen {
  readonly player: Player;
  readonly labels: readonly string[] = [];
  readonly background = -1;
  private readonly key: string;

  constructor(private readonly exemplar: Exemplar) {
    this.key = `exemplar ${readable(exemplar.label)}`;
    this.player = new Player(exemplar.joints_m.length / exemplar.rate_hz, true);
  }

  version(): string {
    return this.key;
  }

  bodies(theme: Theme): ShownBody[] {
    const { joints_m: frames, rate_hz: rateHz, confidence } = this.exemplar;
    return [
      {
        key: this.key,
        joints: poseAt(frames, rateHz, this.player.timeS),
        confidence,
        relevance: null,
        strength: 0,
        colour: bodyColour(theme, 0),
        tag: "",
        number: "",
        selected: true,
      },
    ];
  }

  panel(): PanelData {
    const { label } = this.exemplar;
    return {
      kicker: "Example motion",
      headline: { kind: "exemplar", label, confidence: null, joints: [] },
      action: null,
      note: "This motion is an average over the training people, not a recording.",
      truth: "",
      bars: [],
      heatmap: null,
      heatTitle: "",
      heatNote: "",
      heatSum: "",
      heatNumbers: "",
      background: undefined,
      choices: [],
    };
  }

  choose(): void {
    // There is only one body.
  }

  axis(): null {
    return null;
  }

  why(): null {
    return null;
  }
}
