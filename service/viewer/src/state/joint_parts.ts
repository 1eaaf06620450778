/** The parts of the body that joints belong to. */

import type { JointShare } from "../wire/messages";

export type Part = "left arm" | "right arm" | "left leg" | "right leg" | "trunk" | "several parts";

/** The index of each part's colour in the palette of bodies. */
export const PART_COLOURS: Record<Part, number> = {
  "left arm": 0,
  "right arm": 5,
  "left leg": 1,
  "right leg": 3,
  trunk: 4,
  "several parts": 2,
};

/** The name of the whole body among the joints of an explanation. */
export const WHOLE_BODY = "body";

/** The part that has this share of a group's weight gives the group its name. */
const MAIN_FROM = 0.6;

const ARM = /^(Shoulder|Elbow|Wrist|Hand|Thumb)/;

export function partOfJoint(joint: string): Part {
  if (joint === WHOLE_BODY) return "several parts";
  const side = /(Left|Right)$/.exec(joint)?.[1];
  if (!side) return "trunk";
  const limb = ARM.test(joint) ? "arm" : "leg";
  return side === "Left" ? `left ${limb}` : `right ${limb}`;
}

/** The part that carries most of a group of joints, or `several parts` if none does. */
export function partOf(joints: readonly JointShare[]): Part {
  const sums = new Map<Part, number>();
  for (const { joint, share } of joints) {
    const part = partOfJoint(joint);
    sums.set(part, (sums.get(part) ?? 0) + share);
  }
  const total = [...sums.values()].reduce((sum, share) => sum + share, 0);
  const main = [...sums].find(([, share]) => share >= MAIN_FROM * total);
  return total > 0 && main ? main[0] : "several parts";
}
