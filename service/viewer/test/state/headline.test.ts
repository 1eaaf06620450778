import { expect, it } from "vitest";
import { verdictOf } from "../../src/state/headline";
import { LABELS } from "../builders";

it("never calls the background an action", () => {
  const band = {
    key: "7",
    label: "background",
    startNs: 0,
    endNs: null,
    confidence: 1,
    joints: [],
  };
  expect(verdictOf(band, null, LABELS, 0).kind).toBe("nothing");
});
