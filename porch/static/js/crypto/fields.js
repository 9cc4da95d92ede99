/** The forms that fields of what is encrypted or signed may have. Each is checked before anything is made of it. */

import { fromBase64url, toBase64url } from "./bytes.js";
import { HASH } from "./lengths.js";
import { Refused } from "./refused.js";

/** What stands for the hash of what came before, where nothing did: zero bytes. */
export const NO_HASH = toBase64url(new Uint8Array(HASH));
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** @typedef {(value: unknown) => boolean} Form */

/** @param {number} least inclusive @param {number} [most] inclusive @returns {Form} */
export function whole(least, most = Number.MAX_SAFE_INTEGER) {
  // Minus zero is written as zero: two values would have one text.
  return (value) => Number.isSafeInteger(value) && !Object.is(value, -0) && Number(value) >= least && Number(value) <= most;
}

/** @param {number} least bytes, inclusive @param {number} [most] bytes, inclusive @returns {Form} */
export function base64url(least, most = least) {
  return (value) => {
    try {
      fromBase64url(value, "form", least, most);
      return true;
    } catch {
      return false;
    }
  };
}

/** @param {string | number} only @returns {Form} */
export function fixed(only) {
  return (value) => value === only;
}

/** @param {unknown} value */
export function isUuid(value) {
  return typeof value === "string" && UUID.test(value);
}

/**
 * Reads an object once, so that what was checked is what is used. Raises Refused: `form` for no object or a field too few or too
 * many, the name of the field for one of another form. What it gives has the order of `forms`.
 * @param {unknown} value
 * @param {Record<string, Form>} forms
 * @returns {Record<string, unknown>}
 */
export function checked(value, forms) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Refused("form");
  const fields = /** @type {Record<string, unknown>} */ ({ ...value });
  const names = Object.keys(forms);
  if (Object.keys(fields).length !== names.length || !names.every((name) => Object.hasOwn(fields, name))) throw new Refused("form");
  for (const name of names) if (!forms[name](fields[name])) throw new Refused(name);
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
