import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ServiceError, untilAnswered } from "../../src/wire/rest";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("repeats a request that times out until it is answered", async () => {
  const request = vi.fn(() => Promise.resolve("answer"));
  request.mockRejectedValueOnce(new DOMException("late", "TimeoutError"));
  request.mockRejectedValueOnce(new TypeError("Failed to fetch"));
  const answer = untilAnswered(request, () => true);
  await vi.runAllTimersAsync();
  expect(await answer).toBe("answer");
  expect(request).toHaveBeenCalledTimes(3);
});

test("does not repeat a request that the service refuses", async () => {
  const request = vi.fn(() => Promise.reject(new ServiceError("No exemplars.")));
  expect(await untilAnswered(request, () => true)).toBeNull();
  expect(request).toHaveBeenCalledTimes(1);
});

test("ends when the answer is no longer wanted", async () => {
  let wanted = true;
  const request = vi.fn(() => Promise.reject(new TypeError("Failed to fetch")));
  const answer = untilAnswered(request, () => wanted);
  wanted = false;
  await vi.runAllTimersAsync();
  expect(await answer).toBeNull();
  expect(request).toHaveBeenCalledTimes(1);
});
