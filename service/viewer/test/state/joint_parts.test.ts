import { expect, it } from "vitest";
import { partOf, partOfJoint } from "../../src/state/joint_parts";

it.each([
  ["HandTipLeft", "left arm"],
  ["ShoulderRight", "right arm"],
  ["HipLeft", "left leg"],
  ["FootRight", "right leg"],
  ["SpineShoulder", "trunk"],
  ["body", "several parts"],
])("%s is of the %s", (joint, part) => {
  expect(partOfJoint(joint)).toBe(part);
});

it("names a group by the part that carries most of it", () => {
  const [hand, knee] = ["HandLeft", "KneeRight"];
  const group = (a: number, b: number) => [
    { joint: hand, share: a },
    { joint: knee, share: b },
  ];
  expect(partOf(group(0.4, 0.1))).toBe("left arm");
  expect(partOf(group(0.3, 0.25))).toBe("several parts");
  expect(partOf([])).toBe("several parts");
});
