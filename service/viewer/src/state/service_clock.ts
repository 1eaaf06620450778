/** The service's clock as the page estimates it. */

const NS_PER_MS = 1e6;
/** A larger difference than this is a restarted service, not jitter. */
const JUMP_NS = 2e9;
const SMOOTHING = 0.05;

/** The service's clock, estimated from the times in its messages and smoothed against jitter. */
export class ServiceClock {
  private offsetNs: number | null = null;

  /** Takes the capture time of a message that arrived at `nowMs` of the page's clock. */
  follow(capturedNs: number, nowMs: number): void {
    const offsetNs = capturedNs - nowMs * NS_PER_MS;
    const before = this.offsetNs;
    const jumped = before === null || Math.abs(offsetNs - before) > JUMP_NS;
    this.offsetNs = jumped ? offsetNs : before + SMOOTHING * (offsetNs - before);
  }

  /** The service's time at `nowMs` of the page's clock. */
  nowNs(nowMs: number): number {
    return nowMs * NS_PER_MS + (this.offsetNs ?? 0);
  }
}
