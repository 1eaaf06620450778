/** The timeline: turns action messages into bands, one for each action of a body. */

import type { ActionSpan } from "../wire/answers";
import type { ActionMessage, JointShare } from "../wire/messages";
import { actionId } from "../wire/why";

/** One action of one body. `endNs` is null while the action goes on. */
export interface Band {
  key: string;
  label: string;
  startNs: number;
  endNs: number | null;
  confidence: number;
  joints: JointShare[];
  /** The id of a live action. */
  id?: string;
}

/** The key of a body, or of bodies that act together, in maps and lanes. */
export function bodyKey(ids: readonly number[]): string {
  return [...ids].sort((a, b) => a - b).join("+");
}

/** The bands of one stream. */
export class Timeline {
  bands: Band[] = [];

  /** Takes one action message. An update whose start was missed opens a band. */
  apply(action: ActionMessage): void {
    const key = bodyKey(action.body_ids);
    const open = this.open(key);
    if (open && (open.label !== action.label || open.startNs !== action.started_ns)) {
      open.endNs = Math.max(open.startNs, Math.min(action.started_ns, action.at_ns));
    }
    const band = this.find(key, action) ?? this.add(key, action);
    band.confidence = action.confidence;
    if (action.joints.length > 0) band.joints = action.joints;
    band.endNs = action.phase === "end" ? (action.ended_ns ?? action.at_ns) : null;
  }

  /** The open band of this body, or null. */
  open(key: string): Band | null {
    return this.bands.findLast((band) => band.key === key && band.endNs === null) ?? null;
  }

  /** The band of this body that ended last, or null. */
  last(key: string): Band | null {
    const ended = this.bands.filter((band) => band.key === key && band.endNs !== null);
    return ended.reduce<Band | null>((a, b) => (a && a.endNs! > b.endNs! ? a : b), null);
  }

  /**
   * Adds earlier `actions`, starts and ends in order of time. A known band that is over takes its
   * end from them. An action without an end ended at the latest when the next of its body began.
   */
  fill(actions: readonly ActionMessage[]): void {
    const past = new Timeline();
    for (const action of actions) past.apply(action);
    for (const band of past.bands) {
      const known = this.bands.find((own) => isSame(own, band));
      if (!known) band.endNs ??= this.nextStart(band);
      else if (known.endNs !== null) known.endNs = band.endNs ?? known.endNs;
      if (!known) this.bands.push(band);
    }
    this.bands.sort((a, b) => a.startNs - b.startNs);
  }

  private nextStart({ key, startNs }: Band): number | null {
    const later = this.bands.filter((band) => band.key === key && band.startNs >= startNs);
    return later.length > 0 ? Math.min(...later.map((band) => band.startNs)) : null;
  }

  /** Ends all open bands. After a lost connection their ends may never arrive. */
  closeAll(atNs: number): void {
    for (const band of this.bands) band.endNs ??= Math.max(band.startNs, atNs);
  }

  /** Removes the bands that ended before `sinceNs`. */
  prune(sinceNs: number): void {
    this.bands = this.bands.filter((band) => band.endNs === null || band.endNs >= sinceNs);
  }

  private find(key: string, action: ActionMessage): Band | undefined {
    return this.bands.findLast(
      (band) =>
        band.key === key && band.label === action.label && band.startNs === action.started_ns,
    );
  }

  private add(key: string, action: ActionMessage): Band {
    const { label, started_ns: startNs, confidence, joints } = action;
    const id = actionId(action);
    const band: Band = { key, label, startNs, endNs: null, confidence, joints, id };
    this.bands.push(band);
    return band;
  }
}

/** Whether two bands are of the same action. */
export function isSame(a: Band, b: Band): boolean {
  return a.key === b.key && a.label === b.label && a.startNs === b.startNs;
}

/** Turns the actions of a clip's body into bands. */
export function spanBands(key: string, actions: readonly ActionSpan[]): Band[] {
  return actions.map((action) => ({
    key,
    label: action.label,
    startNs: action.start_s * 1e9,
    endNs: action.end_s * 1e9,
    confidence: action.confidence,
    joints: action.joints,
  }));
}
