/** The account page's part about keys: what this browser has, and what can be done about it. Loaded late. */

import { ApiError, request, speaker } from "../base/api.js";
import { approve, recover, revoke } from "./approving.js";
import { Contacts } from "./contacts.js";
import { byId, put } from "../base/dom.js";
import { gettext } from "../base/gettext.js";
import { KeyDevices } from "./key_devices.js";
import { keysWord, refusedWord } from "./key_words.js";
import { beginAnew, confirmIdentity, disown, ownKeys, requestApproval } from "./own_keys.js";
import { drawnCode } from "./qr_code.js";
import { fromGroups } from "./recovery.js";
import { RecoveryView } from "./recovery_view.js";
import { linkWith, takeScanned } from "./scanned.js";
import { deviceCode } from "./device_code.js";

/** @import { OwnKeys } from "./own_keys.js" */

/** What stands before the code of a browser that asks, in the link of its QR code. */
const ASKING = "let-in";
/** Milliseconds after which is looked again, by itself; what changes is told at once where there is a line. */
const AGAIN = 15_000;

const section = byId("keys", HTMLElement);
const user = Number(section.dataset.user);
speaker.userId = user;

/** @type {OwnKeys | null} */
let keys = null;
/** The code that a camera has brought here from the browser that asks. */
let scanned = takeScanned(ASKING);
/** What is under way; the next thing waits for it. */
let work = Promise.resolve();

const devices = new KeyDevices({
  approve: (asking) => act(async (own) => { await approve(own, asking); }),
  drop: (dev) => act(async () => { await request("DELETE", `/keys/requests/${dev}`); }),
  revoke: (dev) => act(async (own) => { await revoke(own, dev); }),
});
const recovery = new RecoveryView(section, act);

byId("ask-in", HTMLButtonElement).addEventListener("click", () => void act(async (own) => {
  const { code } = await requestApproval(own);
  await showCode(code);
}));
onSubmit("recover", async () => {
  const typed = byId("recovery-typed", HTMLInputElement);
  await recover(where(), await fromGroups(typed.value));
  typed.value = "";
});
onSubmit("give-up", async () => {
  const typed = byId("give-up-password", HTMLInputElement);
  await request("DELETE", "/keys", { password: typed.value });
  typed.value = "";
  await beginAnew(await ownKeys(where()));
});
byId("let-in-yes", HTMLButtonElement).addEventListener("click", () => void act(confirmIdentity));
byId("let-in-no", HTMLButtonElement).addEventListener("click", () => void act(disown));
byId("take-keys", HTMLButtonElement).addEventListener("click", () => void act(async ({ store, contact }) => {
  if (store && contact?.changed) await new Contacts(store, user).accept(user, contact.changed);
}));
section.querySelector("#keys-anew button")?.addEventListener("click", () => void act(beginAnew));

addEventListener("keys", () => void look());
addEventListener("focus", () => void look());
setInterval(() => { if (document.visibilityState === "visible") void look(); }, AGAIN);
// Scanned while this page was open, it changes nothing but the end of the address.
addEventListener("hashchange", () => {
  scanned = takeScanned(ASKING) ?? scanned;
  void look().then(() => section.scrollIntoView());
});
const isSought = scanned !== null || location.hash === "#keys";
void look().then(() => { if (isSought) section.scrollIntoView(); });

/** Looks again at what there is, and shows it; what was said of the last thing that went wrong stays. */
function look() {
  return inTurn(async () => { keys = await ownKeys(where()); });
}

/**
 * Does what somebody has pressed, with the keys as they are now.
 * @param {(keys: OwnKeys) => Promise<void>} what
 * @param {Element} [place] where it is said that it went wrong
 */
function act(what, place) {
  return inTurn(async () => {
    tell("");
    await what(await ownKeys(where()));
    keys = await ownKeys(where());
  }, place).then(() => {
    // What was pressed may be gone.
    if (document.activeElement === document.body) byId("keys-word", HTMLElement).focus();
  });
}

/** @param {() => Promise<void>} what @param {Element} [place] */
function inTurn(what, place) {
  work = work.catch(() => {}).then(async () => {
    try {
      await what();
    } catch (error) {
      tell(refusedWord(error), place);
      if (!(error instanceof ApiError) && /** @type {Error} */ (error).name !== "Refused") throw error;
    } finally {
      if (keys) await show(keys);
    }
  });
  return work;
}

/** One database for all that is done here. */
function where() {
  return { user, ask: request, ...keys?.store && { store: keys.store } };
}

/** @param {OwnKeys} own */
async function show(own) {
  const { state, told, contact, device } = own;
  section.dataset.state = state;
  put(byId("keys-word", HTMLElement), keysWord(own));
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll(".key-part"))) part.hidden = part.dataset.for !== state || (state === "changed" && !contact?.changed);
  byId("keys-anew", HTMLElement).hidden = state !== "gone";
  byId("scanned-in-vain", HTMLElement).hidden = scanned === null || state === "ready";
  if (state === "ready" && told && contact) {
    await devices.show({ ...told, user, identity: contact.identity, own: device?.dev ?? "", scanned });
    await recovery.show(own);
  }
  if (!device || !contact) return;
  const code = await deviceCode({ user, identity: contact.identity, dev: device.dev });
  put(byId("let-in-code", HTMLElement), state === "let_in" ? code : "");
  // Asked before, or in another tab.
  if (state === "new" && told?.requests.some(({ dev }) => dev === device.dev)) await showCode(code);
}

/** @param {string} code to be compared where this browser is let in */
async function showCode(code) {
  byId("asked-in", HTMLElement).hidden = false;
  const place = byId("own-code", HTMLElement);
  if (place.textContent === code) return;
  place.textContent = code;
  byId("own-qr", HTMLElement).replaceChildren(await drawnCode(linkWith(location.pathname, ASKING, code), gettext("QR code of this browser’s code")));
}

/** @param {string} id of a form @param {(keys: OwnKeys) => Promise<void>} what */
function onSubmit(id, what) {
  const form = byId(id, HTMLFormElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void act(what, form);
  });
}

/** @param {string} why @param {Element | null} [place] the form that it is about, else the end of this part */
function tell(why, place = section.querySelector(".in")) {
  const line = byId("keys-error", HTMLElement);
  if (why !== "") place?.append(line);
  line.hidden = why === "";
  put(line.querySelector("span"), why);
}
