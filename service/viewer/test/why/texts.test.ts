import { expect, it } from "vitest";
import { depthText } from "../../src/why/contrast";
import { evidenceOf, jointsOf, sentence } from "../../src/why/story";
import { unitName } from "../../src/why/tracks";
import { CLAUSE } from "./builders";

const joints = ["AnkleLeft", "HipLeft", "Head"].map((joint) => ({ joint, share: 0.2 }));

it("names a unit by its joints", () => {
  const unit = { unit: 5, share: 0.1, values: [] };
  expect(unitName({ ...unit, joints: joints.slice(0, 2) })).toBe("left ankle + left hip");
  expect(unitName({ ...unit, joints })).toBe("left ankle + left hip + 1 more");
  expect(unitName({ ...unit, joints: [] })).toBe("unit 5");
});

it("makes sentences of clauses and of the service's errors", () => {
  expect(sentence("then sinks")).toBe("Then sinks.");
  expect(sentence("Die Hand zählt.")).toBe("Die Hand zählt.");
});

it("names the joints of a clause, also the whole body", () => {
  const clause = { ...CLAUSE, joints: [], part: "body", share: 0.5 };
  expect(evidenceOf(jointsOf(clause))).toBe("whole body 50\u00a0%");
  expect(jointsOf(CLAUSE)).toBe(CLAUSE.joints);
});

it("says what each layer added", () => {
  expect(depthText([2, -0.5, 0])).toBe(
    "First layer +2.00; the units above it, in order: −0.50, 0.00.",
  );
});
