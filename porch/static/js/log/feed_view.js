/** Keeps the list in the page like the rows it is given, touching only the lines that differ. */

/** @import { MessageView } from "./message_view.js" */
/** @import { Row } from "./rows.js" */

export class FeedView {
  /**
   * @param {HTMLElement} list
   * @param {MessageView} view
   */
  constructor(list, view) {
    this.list = list;
    this.view = view;
    /** @type {Map<string, {sign: string, line: HTMLLIElement}>} by the row's key */
    this.drawn = new Map();
    // What the server drew is drawn again in the reader's own time zone.
    list.replaceChildren();
  }

  /** @param {readonly Row[]} rows */
  show(rows) {
    /** @type {FeedView["drawn"]} */
    const next = new Map();
    for (const row of rows) {
      const known = this.drawn.get(row.key);
      next.set(row.key, known?.sign === row.sign ? known : { sign: row.sign, line: this.view.draw(row) });
    }
    for (const [key, { line }] of this.drawn) if (next.get(key)?.line !== line) line.remove();
    /** @type {Element | null} */
    let place = this.list.firstElementChild;
    for (const { line } of next.values()) {
      if (line === place) place = place.nextElementSibling;
      else this.list.insertBefore(line, place);
    }
    this.drawn = next;
  }
}
