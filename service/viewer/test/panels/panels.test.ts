import { expect, it } from "vitest";
import { idle } from "../../src/state/headline";
import { barless } from "../../src/panels/panels";

it("does not promise a prediction of a stream that is over", () => {
  expect(barless(idle("waiting"))).toBe("No prediction yet");
  expect(barless(idle("ended"))).toBe("No prediction now");
});
