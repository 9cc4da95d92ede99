/** The devices of one's account in the page, and the browsers that ask to be some. */

import { byId, put } from "../base/dom.js";
import { localeFor } from "../base/time.js";
import { deviceCode } from "./device_code.js";
import { gettext } from "../base/gettext.js";
import { isSame } from "./scanned.js";

/** @typedef {import("./own_keys.js").Request} Request */
/**
 * @typedef {object} Shown
 * @property {number} user
 * @property {string} identity as it is pinned
 * @property {string} own the name of this browser
 * @property {{dev: string, kind: string, label: string, added_at: string}[]} devices
 * @property {Request[]} requests
 * @property {string | null} scanned the code that a camera has brought here
 */
/**
 * @typedef {object} Does
 * @property {(asking: Request) => Promise<void>} approve
 * @property {(dev: string) => Promise<void>} drop
 * @property {(dev: string) => Promise<void>} revoke
 */

export class KeyDevices {
  /** @param {Does} does */
  constructor(does) {
    this.does = does;
    /** The rows that are shown, by what they are of: a row in which somebody is about to press stays. @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    /** What was scanned and stood here: it may go again, let in and shut out, or refused. @type {string | null} */
    this.met = null;
  }

  /** @param {Shown} shown */
  async show({ user, identity, own, devices, requests, scanned }) {
    const asking = byId("keys-requests", HTMLElement);
    asking.hidden = requests.length === 0;
    const codeOf = (/** @type {{dev: string}} */ { dev }) => deviceCode({ user, identity, dev });
    const [codes, those] = await Promise.all([requests, devices].map((some) => Promise.all(some.map(codeOf))));
    const waiting = requests.map((one, at) => this.row(`ask ${one.dev}`, () => this.request(one, codes[at])));
    for (const [at, row] of waiting.entries()) /** @type {HTMLElement} */ (row.querySelector(".lead")).hidden = scanned === null || !isSame(scanned, codes[at]);
    asking.querySelector("ul")?.replaceChildren(...waiting);
    if (scanned !== null && [...codes, ...those].some((code) => isSame(scanned, code))) this.met = scanned;
    byId("scanned-another", HTMLElement).hidden = scanned === this.met || scanned === null;
    byId("keys-devices", HTMLElement).replaceChildren(...devices.map((one) => this.row(one.dev, () => this.device(one, own))));
  }

  /** @param {string} key @param {() => HTMLElement} make */
  row(key, make) {
    const row = this.rows.get(key) ?? make();
    this.rows.set(key, row);
    return row;
  }

  /** @param {Request} asking @param {string} code */
  request(asking, code) {
    const row = copyOf("key-request");
    put(row.querySelector("h4"), program(asking.label));
    put(row.querySelector(".soft"), gettext("Asked on %(when)s", { when: moment(asking.created_at) }));
    put(row.querySelector(".key-code"), code);
    press(row, "yes", () => this.does.approve(asking));
    press(row, "no", () => this.does.drop(asking.dev));
    return row;
  }

  /** @param {Shown["devices"][number]} device @param {string} own */
  device({ dev, kind, label, added_at }, own) {
    const row = copyOf("key-device");
    const called = kind === "recovery" ? gettext("Recovery key") : program(label);
    put(row.querySelector("h4"), called);
    put(row.querySelector(".soft"), gettext("Since %(when)s", { when: moment(added_at) }));
    const [own_, remove] = [/** @type {HTMLElement} */ (row.querySelector(".lead")), /** @type {HTMLButtonElement} */ (row.querySelector("button"))];
    own_.hidden = dev !== own;
    // The recovery key is replaced by another, further down; this browser stays as long as somebody is in front of it.
    remove.hidden = dev === own || kind === "recovery";
    remove.setAttribute("aria-label", gettext("Shut out %(device)s", { device: called }));
    const ask = /** @type {HTMLElement} */ (row.querySelector(".key-ask"));
    put(ask.querySelector("p"), gettext("It can open nothing that is written from the next message on. What it has opened before it may have kept. It is not logged out: that stands further up, where you are signed in. There is no way back: it would have to be let in anew. If somebody else may have it, make another recovery key as well, further down: until it was saved, it was kept in the browser that made it."));
    remove.addEventListener("click", () => { ask.hidden = false; remove.hidden = true; /** @type {HTMLElement} */ (ask.querySelector("[data-does=no]")).focus(); });
    press(row, "yes", () => this.does.revoke(dev));
    row.querySelector("[data-does=no]")?.addEventListener("click", () => { ask.hidden = true; remove.hidden = false; remove.focus(); });
    return row;
  }
}

/** What a browser is called in English, in the language of the page. @param {string} label "Firefox on Linux" */
function program(label) {
  const parts = /^(.*?) on (.*)$/.exec(label);
  // L10n: "Firefox on Linux"
  return parts ? gettext("%(program)s on %(system)s", { program: parts[1], system: parts[2] }) : label || gettext("Some program");
}

/** @param {string} id of a template */
function copyOf(id) {
  const template = byId(id, HTMLTemplateElement);
  return /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
}

/** @param {HTMLElement} row @param {string} name @param {() => Promise<void>} what */
function press(row, name, what) {
  const button = /** @type {HTMLButtonElement} */ (row.querySelector(`[data-does=${name}]`));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await what();
    } finally {
      button.disabled = false;
    }
  });
}

/** @param {string} when RFC 3339 */
function moment(when) {
  return new Date(when).toLocaleString(localeFor(navigator.languages), { dateStyle: "medium", timeStyle: "short" });
}
