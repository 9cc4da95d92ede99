/**
 * Texts that people read. They are written in English; where a page is in another language, the server puts its words in the
 * place of the English ones when it joins the modules. So the first arguments are always plain "..." literals.
 */

/** @typedef {Record<string, string | number>} Values what stands for `%(name)s` */

/** The language of the texts, which is that of the page; put in by the server as they are. @type {string} */
export const LANGUAGE = "en";

/** @param {string} text in which, with values, `%%` is a percent sign @param {Values} [values] */
export function gettext(text, values) {
  return values ? text.replaceAll(/%(?:%|\((\w+)\)s)/gu, (found, name) => name ? String(values[name] ?? found) : "%") : text;
}

/**
 * @param {string | Record<string, string>} one English for one, or all forms by their names in `Intl.PluralRules`
 * @param {string} other English for another number
 * @param {number} num which also stands for `%(num)s`
 * @param {Values} [values]
 */
export function ngettext(one, other, num, values) {
  if (typeof one === "string") return gettext(num === 1 ? one : other, { num, ...values });
  return gettext(one[new Intl.PluralRules(LANGUAGE).select(num)] ?? one.other, { num, ...values });
}
