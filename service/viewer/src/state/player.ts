/** Time in a recording: plays, stops, seeks, and starts again at the end where it loops. */
export class Player {
  timeS = 0;
  playing = true;

  constructor(
    readonly durationS: number,
    readonly loop: boolean,
  ) {}

  /** Let `dtS` pass. */
  pass(dtS: number): void {
    if (!this.playing) return;
    this.timeS += dtS;
    if (this.timeS < this.durationS) return;
    this.timeS = this.loop && this.durationS > 0 ? this.timeS % this.durationS : this.durationS;
    this.playing = this.loop;
  }

  seek(timeS: number): void {
    this.timeS = Math.min(Math.max(0, timeS), this.durationS);
  }

  /** Play or stop; playing at the end begins anew. */
  toggle(): void {
    if (!this.playing && this.timeS >= this.durationS) this.timeS = 0;
    this.playing = !this.playing;
  }
}

/** The index of the last of `times` not after `time`; the first where all are after; −1 if none. */
export function indexAt(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return times.length === 0 ? -1 : Math.max(0, low - 1);
}
