import { expect, it } from "vitest";
import { jointOrder, numbersText, sumText, transpose } from "../../src/state/joint_heat";

it("orders and transposes the map", () => {
  const joints = ["HandRight", "Head", "HandLeft", "KneeLeft"];
  const order = jointOrder(joints, joints);
  expect(order.map((j) => joints[j])).toEqual(["Head", "HandLeft", "HandRight", "KneeLeft"]);
  expect(transpose([[1, 2, 3, 4]], order)).toEqual([[2], [3], [1], [4]]);
});

it("writes a sum that agrees with the rounded numbers", () => {
  const why = { label: "wave", logit: 4.6, reference: 4.594, residual: 0 };
  const whole = { ...why, step_frames: 4, joints: [], map: [] };
  expect(sumText(whole)).toBe("All joints together: +0.01 (exact)");
  expect(numbersText(whole)).toContain("logit 4.60 − reference 4.59");
  expect([sumText(null), numbersText(null)]).toEqual(["", ""]);
});
