/** A small complete answer about an action. */

import type { WhyAnswer, WhyClause, WhySplit } from "../../src/wire/why";

const SHARES = [
  { joint: "HandRight", share: 0.6 },
  { joint: "WristRight", share: 0.3 },
];

const SPLIT: WhySplit = {
  score: 3,
  reference: -1,
  joints: [
    [0, 0],
    [0, 2],
    [-0.5, 2],
    [0, 0],
  ],
  body: [0, 0, 0.5, 0],
  shares: SHARES,
  residual: 4e-7,
};

export const CLAUSE: WhyClause = {
  about: "movement",
  text: "the right arm rises from 0.0 to 0.4 s",
  start_s: 0,
  end_s: 0.4,
  share: 0.9,
  joints: SHARES,
};

export function whyAnswer(more: Partial<WhyAnswer> = {}): WhyAnswer {
  return {
    label: "wave",
    against: "clap",
    language: "en",
    start_s: 0,
    end_s: 1,
    in_progress: false,
    zero_ns: 7,
    text: "",
    clauses: [CLAUSE],
    joint_names: ["Head", "HandRight"],
    times_s: [-1, 0.5, 0.75, 1],
    split: SPLIT,
    contrast: { ...SPLIT, residual: 0 },
    units: [{ unit: 3, joints: SHARES, share: 1, values: [0, 1, 0.01, -2] }],
    depth: [3, 1],
    frames: null,
    ...more,
  };
}
