/**
 * The log as one stop of the Tab key. Arrows, Home and End go from message to message; each is read as author, text,
 * time. What can be pressed inside a message is reached by Tab from that message, and only from there.
 */

const LINES = "li.msg";
const INSIDE = "a, button";
/** Lines that Page Up and Page Down go. */
const LEAP = 10;

export class Roving {
  /**
   * @param {HTMLElement} log the scroller
   * @param {HTMLElement} list
   * @param {{leave: () => void, toNewest: () => Promise<void>}} way out to the composer, and to the end
   */
  constructor(log, list, { leave, toNewest }) {
    this.log = log;
    this.list = list;
    this.leave = leave;
    this.toNewest = toNewest;
    /** @type {HTMLElement | null} the message that Tab leads to */
    this.current = null;
    list.addEventListener("focusin", (event) => this.enter(lineOf(event.target)));
    list.addEventListener("focusout", (event) => this.exit(lineOf(event.target), lineOf(event.relatedTarget)));
    list.addEventListener("keydown", (event) => void this.key(event));
    // Without script the scroller itself is the stop; empty, it is again, for there is nothing else in it.
    log.removeAttribute("tabindex");
  }

  get lines() {
    return /** @type {HTMLElement[]} */ (Array.from(this.list.querySelectorAll(LINES)));
  }

  /**
   * Changes the list, and keeps the focus in it: a line that is drawn again or goes takes the focus with it otherwise.
   * @param {() => void} change
   */
  keep(change) {
    const line = lineOf(document.activeElement);
    const held = line && this.list.contains(line) ? line : null;
    const place = held ? this.lines.indexOf(held) : -1;
    const inside = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.keep : undefined;
    change();
    for (const one of this.list.querySelectorAll(INSIDE)) {
      if (lineOf(one) !== held) one.setAttribute("tabindex", "-1");
    }
    const { lines } = this;
    if (held && !held.isConnected) {
      const next = lines.find((one) => one.id !== "" && one.id === held.id) ?? lines[Math.min(place, lines.length - 1)];
      if (next) this.go(next);
      else this.leave();
      // What stood there under the same name, stands there again.
      if (inside !== undefined) Array.from(next?.querySelectorAll("button") ?? []).find(({ dataset }) => dataset.keep === inside)?.focus({ preventScroll: true });
    } else if (!held) {
      this.choose(lines[lines.length - 1] ?? null);
    }
  }

  /** @param {HTMLElement | null} line */
  choose(line) {
    if (this.current !== line) {
      this.current?.removeAttribute("tabindex");
      this.current?.removeAttribute("aria-label");
      this.current = line;
    }
    if (!line) return;
    line.tabIndex = 0;
    line.setAttribute("aria-label", spoken(line));
  }

  /** @param {HTMLElement} line */
  go(line) {
    this.choose(line);
    line.focus({ preventScroll: true });
  }

  /** @param {HTMLElement | null} line */
  enter(line) {
    if (!line) return;
    this.choose(line);
    for (const inside of line.querySelectorAll(INSIDE)) inside.removeAttribute("tabindex");
  }

  /** @param {HTMLElement | null} from @param {HTMLElement | null} to */
  exit(from, to) {
    if (!from || from === to) return;
    for (const inside of from.querySelectorAll(INSIDE)) inside.setAttribute("tabindex", "-1");
  }

  /** @param {KeyboardEvent} event */
  async key(event) {
    const line = lineOf(event.target);
    if (!line || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const { lines } = this;
    const place = lines.indexOf(line);
    const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -LEAP, PageDown: LEAP, Home: -lines.length, End: lines.length }[event.key];
    if (event.key === "Escape") this.leave();
    if (step === undefined || this.goesOn(line, event.key)) return;
    event.preventDefault();
    if (event.key === "End") await this.toNewest();
    const all = event.key === "End" ? this.lines : lines;
    const next = all[Math.max(0, Math.min(place + step, all.length - 1))];
    this.go(next);
    next.scrollIntoView({ block: "nearest" });
  }

  /**
   * A message that is longer than the screen is first scrolled through, by the browser itself.
   * @param {HTMLElement} line @param {string} key
   */
  goesOn(line, key) {
    const { top, bottom } = line.getBoundingClientRect();
    const frame = this.log.getBoundingClientRect();
    if (key === "ArrowUp" || key === "PageUp") return top < frame.top - 1 && bottom > frame.top;
    return (key === "ArrowDown" || key === "PageDown") && bottom > frame.bottom + 1 && top < frame.bottom;
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
function lineOf(target) {
  return target instanceof Element ? target.closest(LINES) : null;
}

/** @param {HTMLElement} line */
function spoken(line) {
  const parts = line.querySelectorAll(":scope > .hide, :scope > .by > *, .say > *, :scope > time, :scope > .note");
  return Array.from(parts, (part) => part.textContent?.trim() ?? "").join(", ");
}
