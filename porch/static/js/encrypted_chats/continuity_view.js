/** Says quietly that a message is missing, or that somebody saw another history, where an encrypted log was read. */

import { element } from "../base/dom.js";
import { filled, listed } from "../base/filled.js";
import { gettext } from "../base/gettext.js";

/** @import { EnvelopeLine } from "./envelope_line.js" */

/** Milliseconds in which several messages are one look. */
const GATHER = 300;

/** @param {EnvelopeLine} line @param {HTMLElement} log before which it stands */
export function watchContinuity(line, log) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const place = element("div", { class: "notice", id: "continuity", role: "status", hidden: "" });
  log.before(place);
  const show = async () => {
    const { missing, differing } = await line.problems();
    const lines = [
      ...await line.hasReceded() ? [[gettext("This browser has read more here before, or something else. The host keeps it back now, or has begun again from an older copy.")]] : [],
      ...said(line, missing, gettext("A message of %(names)s is missing here. It was lost on its way, or the host keeps it back.")),
      ...said(line, differing, gettext("%(names)s saw another history than the one that stands here. The host may show different things to each of you.")),
    ];
    const words = lines.map((one) => element("p", { class: "small" }, ...one));
    place.hidden = words.length === 0;
    if (place.textContent !== words.map(({ textContent }) => textContent).join("")) place.replaceChildren(...words);
    await line.keepSeen();
  };
  line.read = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void show().catch(() => {}), GATHER);
  };
}

/** @param {EnvelopeLine} line @param {number[]} people @param {string} text */
function said(line, people, text) {
  if (people.length === 0) return [];
  return [filled(text, { names: listed(people.map((user) => element("bdi", {}, line.names.get(user) ?? "?"))) })];
}
