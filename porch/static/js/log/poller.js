/** Asks again and again: some time after each answer, less often while nobody looks or while nothing answers. */

/** @typedef {{usual: number, hidden: number}} Pace milliseconds between an answer and the next request, in sight and out of it */

const FIRST_PAUSE = 1000;
const LONGEST = 15_000;

export class Poller {
  /**
   * @param {() => Promise<number | void>} ask rejects when it came to nothing; may answer with seconds to wait
   * @param {Pace} pace
   */
  constructor(ask, pace) {
    this.ask = ask;
    this.pace = pace;
    this.running = false;
    this.asking = false;
    this.failures = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.failures = 0;
    void this.turn();
  }

  stop() {
    this.running = false;
    clearTimeout(this.timer);
  }

  /** Somebody looks, or the network is back: no reason to wait. */
  hurry() {
    if (!this.running || this.asking) return;
    clearTimeout(this.timer);
    void this.turn();
  }

  async turn() {
    if (this.asking) return;
    this.asking = true;
    let pause = 0;
    try {
      pause = ((await this.ask()) ?? 0) * 1000;
      this.failures = 0;
    } catch {
      this.failures += 1;
    }
    this.asking = false;
    if (this.running) this.timer = setTimeout(() => void this.turn(), Math.max(pause, this.pause()));
  }

  pause() {
    const usual = document.hidden ? this.pace.hidden : this.pace.usual;
    if (this.failures === 0) return usual;
    const longer = Math.min(FIRST_PAUSE * 2 ** (this.failures - 1), LONGEST);
    return Math.max(usual, longer * (0.75 + Math.random() / 2));
  }
}
