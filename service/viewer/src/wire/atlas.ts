/** The atlas of the model's first layer, field by field. */

import type { Exemplar } from "./answers";
import type { LayoutInfo, Vec3 } from "./messages";

/** A unit of the first layer in the list. */
export interface AtlasEntry {
  unit: number;
  name: string;
  joints: { joint: string; share: number }[];
  people: number[];
  between_people: boolean;
}

/** The answer of `GET /model/atlas`. Poses have the J joints of `joints`. */
export interface Atlas {
  model: string;
  caution: string;
  rate_hz: number;
  joints: string[];
  channels: string[];
  layout: LayoutInfo;
  pose_m: Vec3[];
  units: AtlasEntry[];
  labels: { label: string; at_s: number; gain: number; residual: number }[];
  notes: string[];
}

export interface ClassShare {
  label: string;
  share: number;
  logits: number;
}

export interface AtlasMoment {
  label: string;
  at_s: number;
  answer: number;
  deviations: number;
}

/** The answer of `GET /model/atlas/{unit}`. */
export interface AtlasUnit extends AtlasEntry {
  /** Channels × joints × frames, oldest first. */
  weights: number[][][];
  /** Frames × joints, oldest first. */
  displaced_m: Vec3[][];
  scale: number;
  velocities: Vec3[];
  classes: ClassShare[];
  moments: AtlasMoment[];
}

/** Gives the parts of an atlas: from the service, or from the page itself. */
export interface AtlasSource {
  overview(): Promise<Atlas>;
  unit(unit: number): Promise<AtlasUnit>;
  /** The averaged motion of a class. */
  motion(label: string): Promise<Exemplar>;
}
