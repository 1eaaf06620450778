import { describe, expect, it } from "vitest";
import { ServiceClock } from "../../src/state/service_clock";

describe("ServiceClock", () => {
  it("runs on between messages and does not jump on jitter", () => {
    const clock = new ServiceClock();
    clock.follow(100e9, 1000);
    clock.follow(100.1e9, 1110);
    expect(clock.nowNs(2000) / 1e9).toBeCloseTo(101, 2);
  });

  it("takes a slow answer for no wrong clock", () => {
    const clock = new ServiceClock();
    clock.compareWalls(100_000, 100_400, 104_000);
    expect(clock.wallNs(104_000)).toBe(104_000e6);
    clock.compareWalls(100_000, 107_000, 107_500);
    expect(clock.wallNs(107_000)).toBe(100_000e6);
    clock.compareWalls(120_000, 107_000, 110_000);
    expect(clock.wallNs(110_000)).toBe(120_000e6);
  });

  it("jumps when the service was restarted", () => {
    const clock = new ServiceClock();
    clock.follow(100e9, 1000);
    clock.follow(5e9, 2000);
    expect(clock.nowNs(2000)).toBe(5e9);
  });
});
