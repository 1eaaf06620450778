import { expect, it } from "vitest";
import { jointOrder, sumText, transpose } from "../../src/state/joint_heat";

it("orders and transposes the map", () => {
  const joints = ["HandRight", "Head", "HandLeft", "KneeLeft"];
  const order = jointOrder(joints, joints);
  expect(order.map((j) => joints[j])).toEqual(["Head", "HandLeft", "HandRight", "KneeLeft"]);
  expect(transpose([[1, 2, 3, 4]], order)).toEqual([[2], [3], [1], [4]]);
});

it("writes a sum that the shown numbers make", () => {
  const why = { label: "wave", logit: 4.6, reference: 4.594, residual: 0 };
  const line = sumText({ ...why, step_frames: 4, joints: [], map: [] });
  expect(line).toContain("4.60 − 4.59 = 0.01");
  expect(sumText(null)).toBe("");
});
