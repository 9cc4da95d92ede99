/**
 * Where the reader is in the log. The log is laid out from its end, so the distance to the end is what the browser keeps by
 * itself; everything else that moves (older messages, edits, fonts, a resized window) is put back to the line being read.
 */

/** Closer to the end than this, the reader follows the conversation. */
const NEAR = 100;
/** Closer to either edge of what is loaded than this, it is time to load more. */
const EDGE = 600;

export class Scroll {
  /**
   * @param {HTMLElement} log the scroller
   * @param {HTMLElement} list
   * @param {{moved: () => void}} reader `moved` is told after every scroll
   */
  constructor(log, list, reader) {
    this.log = log;
    this.list = list;
    /** @type {{line: Element, id: string, top: number} | null} the line being read and where it stands */
    this.anchor = null;
    this.near = true;
    /** Where the log stood when that was noted. */
    this.noted = log.scrollTop;
    log.addEventListener("scroll", () => { this.remember(); reader.moved(); }, { passive: true });
    const sizes = new ResizeObserver(() => this.restore());
    sizes.observe(log);
    sizes.observe(list);
  }

  /** Whether the reader is at the end, as of now: the event that tells of a scroll comes up to a frame after it. */
  get atEnd() {
    this.look();
    return this.near;
  }

  get distance() {
    return Math.abs(this.log.scrollTop);
  }

  get nearTop() {
    return this.log.scrollHeight - this.log.clientHeight - this.distance < EDGE;
  }

  get nearEnd() {
    return this.distance < EDGE;
  }

  /**
   * Changes the list without moving what is being read.
   * @param {() => void} change
   * @param {{follow: boolean}} options whether to stand at the end afterwards
   */
  keep(change, { follow }) {
    this.look();
    change();
    if (follow) this.toEnd();
    else this.restore();
  }

  toEnd() {
    this.log.scrollTop = 0;
    this.remember();
  }

  /** Notes a scroll that nothing has told of yet. */
  look() {
    if (this.log.scrollTop !== this.noted) this.remember();
  }

  remember() {
    this.noted = this.log.scrollTop;
    this.near = this.distance <= NEAR;
    const line = this.near ? null : this.firstVisible();
    this.anchor = line && { line, id: line.id, top: line.getBoundingClientRect().top - this.log.getBoundingClientRect().top };
  }

  restore() {
    if (!this.anchor) return;
    // A line that was drawn again is another element with the same id.
    const line = this.anchor.line.isConnected ? this.anchor.line : document.getElementById(this.anchor.id);
    if (!line) return;
    const top = line.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
    if (Math.abs(top - this.anchor.top) >= 1) this.log.scrollTop += top - this.anchor.top;
    this.remember();
  }

  /** The first message that is in sight; by halving, as there may be hundreds. */
  firstVisible() {
    const lines = this.list.querySelectorAll(".msg[id]");
    const edge = this.log.getBoundingClientRect().top;
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lines[middle].getBoundingClientRect().bottom > edge) high = middle;
      else low = middle + 1;
    }
    return lines[low] ?? null;
  }
}
