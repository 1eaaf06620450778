import { expect, it } from "vitest";
import { headlineOf, idle, noBarsText } from "../../src/state/headline";
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
  expect(headlineOf(band, null, LABELS, 0).kind).toBe("nothing");
});

it("does not promise a prediction of a stream that is over", () => {
  expect(noBarsText(idle("waiting"))).toBe("No prediction yet");
  expect(noBarsText(idle("ended"))).toBe("No prediction now");
});
