/** The resolution that the machine can draw fast enough, found by trial. */

/** A frame that takes longer than this, on average, is slow. */
const SLOW_S = 1 / 20;
/** Below this there is room for more pixels. It is above the pace of a capped stage. */
const FAST_S = 1 / 27;
/** The time from which a mean is taken. */
const WINDOW_S = 0.5;
/** The wait before the next trial of more pixels. It doubles after each that was too slow. */
const FIRST_WAIT_S = 3;
const LONGEST_WAIT_S = 120;
const RAISE = 1.25;
const LOWER_MOST = 0.6;
const LOWER_LEAST = 0.88;

/** The ratio of canvas pixels to CSS pixels, between `least` and `most`. */
export class Resolution {
  ratio: number;
  private sumS = 0;
  private count = 0;
  private roomS = 0;
  private waitS = FIRST_WAIT_S;
  /** Whether the last change was a raise, which the next change may prove too much. */
  private raised = false;

  constructor(
    private readonly most: number,
    private readonly least = 0.5,
  ) {
    this.ratio = most;
  }

  /** Takes the time from one drawn frame to the next. Returns whether the ratio changed. */
  take(frameS: number): boolean {
    this.sumS += frameS;
    this.count += 1;
    if (this.sumS < WINDOW_S) return false;
    const [meanS, spentS] = [this.sumS / this.count, this.sumS];
    this.sumS = this.count = 0;
    if (meanS > SLOW_S) return this.lower(meanS);
    this.roomS = meanS < FAST_S ? this.roomS + spentS : 0;
    return this.roomS >= this.waitS && this.raise();
  }

  private lower(meanS: number): boolean {
    if (this.raised) this.waitS = Math.min(LONGEST_WAIT_S, this.waitS * 2);
    this.raised = false;
    this.roomS = 0;
    // The time for a frame grows with the number of pixels, the square of the ratio.
    const wanted = Math.sqrt(SLOW_S / meanS);
    return this.set(this.ratio * Math.min(LOWER_LEAST, Math.max(LOWER_MOST, wanted)));
  }

  private raise(): boolean {
    this.roomS = 0;
    this.raised = this.set(this.ratio * RAISE);
    return this.raised;
  }

  private set(ratio: number): boolean {
    const before = this.ratio;
    this.ratio = Math.min(this.most, Math.max(this.least, ratio));
    return this.ratio !== before;
  }
}
