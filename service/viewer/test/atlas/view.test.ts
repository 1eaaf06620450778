import { expect, test } from "vitest";
import type { Vec3 } from "../../src/wire/messages";
import { strongestChannel } from "../../src/atlas/channel_choice";
import { strongest } from "../../src/atlas/class_bars";
import { arrowsOf } from "../../src/atlas/figures";
import { personJoint, rowsOf } from "../../src/atlas/filter_map";
import { drawable, loopShare, readJoints, spanOf, turned } from "../../src/atlas/view";

const atlas = {
  joints: ["HandLeft", "Head"],
  layout: { name: "three", joints: ["Head", "Neck", "HandLeft"], bones: [] },
} as unknown as Parameters<typeof drawable>[0];

test("poses of the model's joints become poses of the layout", () => {
  const pose: Vec3[] = [
    [0, 1, 0],
    [0, 2, 0],
  ];
  expect(drawable(atlas, pose).map((joint) => joint[1])).toEqual([2, 0, 1]);
  expect(readJoints(atlas)).toEqual([1, 0, 1]);
});

test("a turn keeps height and distance to the vertical axis", () => {
  const [joint] = turned([[0.3, 0.7, -0.4]]);
  expect(joint![1]).toBe(0.7);
  expect(Math.hypot(joint![0], joint![2])).toBeCloseTo(0.5);
});

test("a moment plays from before the unit reads until after it, within the motion", () => {
  const span = spanOf(1.0, 12, 30, 1.1);
  expect(span.readTo - span.readFrom).toBeCloseTo(11 / 30);
  expect([span.start, span.end]).toEqual([expect.closeTo(0.3) as number, 1.1]);
  expect(spanOf(0.1, 12, 30, 2)).toMatchObject({ start: 0, readFrom: 0 });
});

test("a loop rests at its end", () => {
  expect([0, 500, 1000, 1400, 1500].map((ms) => loopShare(ms, 1000, 500))).toEqual([
    0, 0.5, 1, 1, 0,
  ]);
});

test("the longest arrow has one length, and short ones are left out", () => {
  const arrows = arrowsOf([
    [0, 4, 0],
    [2, 0, 0],
    [0, 0, 0.1],
  ]);
  expect(arrows).toEqual([
    [0, 0.25, 0],
    [0.125, 0, 0],
    [0, 0, 0],
  ]);
});

test("classes for and against are ordered by their share, and small ones are left out", () => {
  const shares: [string, number][] = [
    ["a", 0.3],
    ["b", 0.02],
    ["c", 0.001],
    ["d", -0.05],
    ["e", -0.2],
  ];
  const classes = shares.map(([label, share]) => ({ label, share, logits: share }));
  expect(strongest(classes, 1).map(({ label }) => label)).toEqual(["a", "b"]);
  expect(strongest(classes, -1).map(({ label }) => label)).toEqual(["e", "d"]);
});

test("the channel with the largest weights comes first", () => {
  expect(strongestChannel([[[1, 1]], [[0, -3]], [[2, 0]]])).toBe(1);
});

test("joints of two people keep their order and their names", () => {
  expect(rowsOf(["A_LeftHand", "A_Head", "B_Head"])).toEqual([0, 1, 2]);
  expect(rowsOf(["HandLeft", "Head"])).toEqual([1, 0]);
  expect(["A_LeftHand", "HandLeft"].map(personJoint)).toEqual(["A left hand", "left hand"]);
});
