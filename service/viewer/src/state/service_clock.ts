/** The service's clock as the page estimates it. */

const NS_PER_MS = 1e6;
/** A larger difference than this is a restarted service, not jitter. */
const JUMP_NS = 2e9;
const SMOOTHING = 0.05;
/**
 * A smaller difference of the wall clocks means nothing: HTTP gives times in whole seconds, and a
 * busy server renews them late.
 */
const LEAST_SKEW_MS = 3000;

/** The service's clock, estimated from the times in its messages and smoothed against jitter. */
export class ServiceClock {
  private offsetNs: number | null = null;
  private wallOffsetNs = 0;
  private skewMs = 0;

  /** Takes the capture time of a message that arrived at `nowMs` of the page's clock. */
  follow(capturedNs: number, nowMs: number): void {
    const offsetNs = capturedNs - nowMs * NS_PER_MS;
    const before = this.offsetNs;
    const jumped = before === null || Math.abs(offsetNs - before) > JUMP_NS;
    this.offsetNs = jumped ? offsetNs : before + SMOOTHING * (offsetNs - before);
  }

  /** Sets the difference between the service's wall clock and its monotonic clock. */
  setWallOffset(wallOffsetNs: number): void {
    this.wallOffsetNs = wallOffsetNs;
  }

  /**
   * Takes the service's wall clock from an answer that the browser asked for at `askedMs` and got
   * at `gotMs`. If the service may have answered in between, its clock counts as right: a slow
   * answer is no wrong clock.
   */
  compareWalls(serviceMs: number, askedMs: number, gotMs: number): void {
    if (serviceMs < askedMs - LEAST_SKEW_MS) this.skewMs = serviceMs - askedMs;
    else if (serviceMs > gotMs + LEAST_SKEW_MS) this.skewMs = serviceMs - gotMs;
    else this.skewMs = 0;
  }

  /**
   * The service's time when the browser's wall clock is at `wallMs`. Unlike `nowNs` it does not
   * follow the messages, so it shows how late they are.
   */
  wallNs(wallMs: number): number {
    return (wallMs + this.skewMs) * NS_PER_MS - this.wallOffsetNs;
  }

  /** The service's time at `nowMs` of the page's clock. */
  nowNs(nowMs: number): number {
    return nowMs * NS_PER_MS + (this.offsetNs ?? 0);
  }
}
