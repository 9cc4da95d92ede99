/** The recovery key in the page: shown until somebody has saved it, which two of its groups tell; and making another. */

import { renewRecovery } from "./approving.js";
import { byId, element, put } from "../base/dom.js";
import { gettext } from "../base/gettext.js";
import { recoverySaved, recoverySecret } from "./own_keys.js";
import { asWritten, fromGroups, toGroups } from "./recovery.js";
import { copy } from "../base/share.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @import { OwnKeys } from "./own_keys.js" */
/** @typedef {(what: (keys: OwnKeys) => Promise<void>) => Promise<void>} Act */

const CHECKED = 2;

export class RecoveryView {
  /** @param {HTMLElement} section @param {Act} act */
  constructor(section, act) {
    this.name = section.dataset.name ?? "";
    this.box = byId("keys-recovery", HTMLElement);
    this.shown = byId("shown-recovery", HTMLElement);
    this.list = byId("recovery-groups", HTMLElement);
    /** The key that is offered here, in groups. @type {string[]} */
    this.groups = [];
    byId("show-recovery", HTMLButtonElement).addEventListener("click", () => this.open());
    byId("copy-recovery", HTMLButtonElement).addEventListener("click", async (event) => {
      const button = /** @type {HTMLElement} */ (event.currentTarget);
      put(button, await copy(this.groups.join(" "), this.list) ? gettext("Copied") : gettext("Press Ctrl+C"));
    });
    byId("print-recovery", HTMLButtonElement).addEventListener("click", () => this.print());
    byId("check-recovery", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.isChecked()) void act(async (keys) => { await recoverySaved(keys); });
    });
    byId("another-recovery", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void act((keys) => this.renew(keys));
    });
  }

  /** @param {OwnKeys} keys ready */
  async show(keys) {
    const secret = await recoverySecret(keys);
    this.box.hidden = secret === null;
    const groups = secret ? (await toGroups(secret)).split(" ") : [];
    if (groups.join() === this.groups.join()) return;
    this.groups = groups;
    this.shown.hidden = true;
    this.list.replaceChildren();
    this.offer(true);
  }

  open() {
    const { groups } = this;
    this.list.replaceChildren(...groups.map((group) => element("li", {}, group)));
    this.asked = twoOf(groups.length);
    const fields = this.asked.map((place) => element("div", { class: "field" },
      element("label", { for: `group-${place}` }, gettext("Group %(number)s", { number: place + 1 })),
      element("input", { class: "input", id: `group-${place}`, required: "", maxlength: "9", autocomplete: "off", autocapitalize: "characters", spellcheck: "false" })));
    this.shown.querySelector(".key-checks")?.replaceChildren(...fields);
    const text = gettext("Recovery key of %(name)s on %(site)s", { name: this.name, site: location.host });
    put(this.shown.querySelector(".key-for"), text);
    const save = byId("save-recovery", HTMLAnchorElement);
    save.href = `data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n\n${groups.join(" ")}\n`)}`;
    this.shown.hidden = false;
    this.offer(false);
    this.list.focus();
  }

  /** @param {boolean} offered whether the key waits to be shown */
  offer(offered) {
    /** @type {HTMLElement} */ (byId("show-recovery", HTMLElement).parentElement).hidden = !offered;
  }

  print() {
    document.body.classList.add("printing");
    addEventListener("afterprint", () => document.body.classList.remove("printing"), { once: true });
    print();
  }

  isChecked() {
    const wrong = (this.asked ?? []).find((place) => asWritten(byId(`group-${place}`, HTMLInputElement).value) !== this.groups[place]);
    const place = byId("check-error", HTMLElement);
    place.hidden = wrong === undefined;
    if (wrong === undefined) return true;
    put(place.querySelector("span"), gettext("Group %(number)s is another. Look at what you have saved once more.", { number: wrong + 1 }));
    byId(`group-${wrong}`, HTMLInputElement).focus();
    return false;
  }

  /** @param {OwnKeys} keys */
  async renew(keys) {
    const typed = byId("old-recovery", HTMLInputElement);
    await renewRecovery(keys, typed.value.trim() === "" ? null : await fromGroups(typed.value));
    typed.value = "";
    byId("keys-another", HTMLDetailsElement).open = false;
    await this.show(keys);
    this.open();
  }
}

/** Two different places, in order. @param {number} count */
function twoOf(count) {
  const places = [...Array(count).keys()];
  const random = crypto.getRandomValues(new Uint32Array(CHECKED));
  return [...random].map((number) => places.splice(number % places.length, 1)[0]).sort((one, other) => one - other);
}
