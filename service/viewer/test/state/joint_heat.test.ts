import { expect, it } from "vitest";
import { jointOrder, transpose } from "../../src/state/joint_heat";

it("orders and transposes the map", () => {
  const joints = ["HandRight", "Head", "HandLeft", "KneeLeft"];
  const order = jointOrder(joints, joints);
  expect(order.map((j) => joints[j])).toEqual(["Head", "HandLeft", "HandRight", "KneeLeft"]);
  expect(transpose([[1, 2, 3, 4]], order)).toEqual([[2], [3], [1], [4]]);
});
