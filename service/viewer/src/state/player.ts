/** The playing time of a clip or an exemplar: play, pause, seek, and loop at the end. */
export class Player {
  timeS = 0;
  playing = true;

  constructor(
    readonly durationS: number,
    readonly loop: boolean,
  ) {}

  /** Advances by `dtS` if playing. At the end it starts again if it loops, else it stops. */
  advance(dtS: number): void {
    if (!this.playing) return;
    this.timeS += dtS;
    if (this.timeS < this.durationS) return;
    this.timeS = this.loop && this.durationS > 0 ? this.timeS % this.durationS : this.durationS;
    this.playing = this.loop;
  }

  /** Goes to a time, limited to the clip. */
  seek(timeS: number): void {
    this.timeS = Math.min(Math.max(0, timeS), this.durationS);
  }

  /** Plays or pauses. At the end, playing starts again from 0. */
  toggle(): void {
    if (!this.playing && this.timeS >= this.durationS) this.timeS = 0;
    this.playing = !this.playing;
  }
}

/** The index of the last of `times` at or before `time`; 0 if all are later, −1 if it is empty. */
export function indexAt(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return times.length === 0 ? -1 : Math.max(0, low - 1);
}
