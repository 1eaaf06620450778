import { expect, it } from "vitest";
import { backoffMs } from "../../src/wire/connection";

it("waits longer after each failure, up to a limit, with jitter", () => {
  const waits = [1, 2, 3, 4, 20].map((attempt) => backoffMs(attempt, 0.5));
  expect(waits).toEqual([400, 800, 1600, 3200, 8000]);
  expect(backoffMs(1, 0)).toBeLessThan(backoffMs(1, 1));
});
