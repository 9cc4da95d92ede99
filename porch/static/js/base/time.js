/** Times as a reader sees them: in their own zone, with days, clock times and full dates. */

import { gettext, LANGUAGE } from "./gettext.js";

/**
 * The language of the page in the reader's own manner: en-US counts to twelve, en-GB to twenty-four.
 * @param {readonly string[]} languages most wanted first @param {string} [own] that of the page
 */
export function localeFor(languages, own = LANGUAGE) {
  return languages.find((language) => `${language}-`.toLowerCase().startsWith(`${own}-`.toLowerCase())) ?? (own === "en" ? "en-GB" : own);
}

export class Clock {
  /** @param {{locale?: string, timeZone?: string}} [where] the browser's own zone when none is given */
  constructor({ locale = "en-GB", timeZone } = {}) {
    const format = (/** @type {Intl.DateTimeFormatOptions} */ options, language = locale) =>
      new Intl.DateTimeFormat(language, { timeZone, ...options });
    // Formatters are slow to make and quick to use, so they live as long as the clock.
    this.formats = {
      key: format({ year: "numeric", month: "2-digit", day: "2-digit" }, "en-GB"),
      time: format({ timeStyle: "short" }),
      weekday: format({ weekday: "long" }),
      day: format({ weekday: "long", day: "numeric", month: "long" }),
      date: format({ day: "numeric", month: "long" }),
      dateAndYear: format({ day: "numeric", month: "long", year: "numeric" }),
      dayAndYear: format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
      full: format({ dateStyle: "full", timeStyle: "medium" }),
    };
  }

  /**
   * The calendar day in the reader's zone, as `2026-03-11`.
   * @param {number} at milliseconds
   */
  day(at) {
    // By its parts: the order that a locale has differs from one browser to the next.
    const { year, month, day } = Object.fromEntries(this.formats.key.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${year}-${month}-${day}`;
  }

  /**
   * @param {number} at @param {number} now milliseconds
   */
  dayLabel(at, now) {
    const day = this.day(at);
    if (day === this.day(now)) return gettext("Today, %(weekday)s", { weekday: this.formats.weekday.format(at) });
    if (day === this.dayBefore(now)) return gettext("Yesterday, %(weekday)s", { weekday: this.formats.weekday.format(at) });
    const sameYear = day.slice(0, 4) === this.day(now).slice(0, 4);
    return (sameYear ? this.formats.day : this.formats.dayAndYear).format(at);
  }

  /**
   * As short as it can be said: the time today, "Yesterday", the day of the week within the last six, else the date.
   * @param {number} at @param {number} now milliseconds
   */
  short(at, now) {
    const day = this.day(at);
    if (day >= this.day(now)) return this.time(at);
    if (day === this.dayBefore(now)) return gettext("Yesterday");
    if (day >= this.dayBefore(now, 6)) return this.formats.weekday.format(at);
    return this.date(at, now);
  }

  /** `4 November`, with the year if it is not this one. @param {number} at @param {number} now milliseconds */
  date(at, now) {
    return (this.day(at).slice(0, 4) === this.day(now).slice(0, 4) ? this.formats.date : this.formats.dateAndYear).format(at);
  }

  /** @param {number} now @param {number} [days] */
  dayBefore(now, days = 1) {
    const [year, month, day] = this.day(now).split("-").map(Number);
    return new Date(Date.UTC(year, month - 1, day - days)).toISOString().slice(0, 10);
  }

  /** @param {number} at */
  time(at) {
    // A line may end before AM or PM.
    return this.formats.time.format(at).replace("\u202f", " ");
  }

  /** @param {number} at */
  full(at) {
    return this.formats.full.format(at);
  }
}
