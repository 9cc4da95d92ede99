/** The page on which two people compare their keys. What the server tells of these is held against what this browser knows. */

import { ApiError, request, speaker } from "./base/api.js";
import { Contacts } from "./keys/contacts.js";
import { byId, element, put } from "./base/dom.js";
import { gettext } from "./base/gettext.js";
import { keysWord, refusedWord } from "./keys/key_words.js";
import { ownKeys } from "./keys/own_keys.js";
import { drawnCode } from "./keys/qr_code.js";
import { safetyNumber } from "./crypto/safety_number.js";
import { isSame, linkWith, takeScanned } from "./keys/scanned.js";
import { verifyWord } from "./keys/verify_words.js";

/** @typedef {import("./keys/contact_trust.js").Contact} Contact */
/** @typedef {import("./keys/contacts.js").Told} Told */

const page = byId("verify", HTMLElement);
const { user, chat, peer, name } = page.dataset;
const [own, other] = [Number(user), Number(peer)];
speaker.userId = own;

const DIFFERENT = gettext("Then one of you is shown other keys than the other has. Write nothing here that others must not read, and talk about it in another way: it may be that somebody began anew with a new browser just now, or that somebody reads along.");
const OTHER = gettext("Another number stands here than when you opened this page. Load the page anew, and compare that one.");
/** What stands before the number in the link of its QR code. */
const NUMBER = "number";
/** The number that a camera has brought here from the other's screen. */
let scanned = takeScanned(NUMBER);
/** The key of theirs that the number on the page is of. */
let compared = "";
/** The number on the page. */
let number = "";
/** Whether it came in the place of another. Whoever has compared that one, and looks away, must not confirm this. */
let isOther = false;
/** @type {Contacts | null} */
let contacts = null;

press("matches", async (known) => { await known.verify(other, compared); });
press("accept", async (known) => { await known.accept(other, compared); });
byId("differs", HTMLButtonElement).addEventListener("click", () => {
  byId("scanned-same", HTMLElement).hidden = true;
  say(DIFFERENT);
});
// Scanned while this page was open, it changes nothing but the end of the address.
addEventListener("hashchange", () => {
  scanned = takeScanned(NUMBER) ?? scanned;
  void show();
});
addEventListener("keys", () => void show());
void show();

async function show() {
  try {
    const keys = await ownKeys({ user: own, ask: request });
    if (keys.state !== "ready" || !keys.store || !keys.contact) return put(byId("verify-word", HTMLElement), keysWord(keys));
    contacts = new Contacts(keys.store, own);
    const { members } = await request("GET", `/chats/${chat}/keys`);
    const told = /** @type {Told} */ (members.find((/** @type {Told} */ one) => one.user_id === other));
    const { contact } = await contacts.see(told);
    await showContact(contact, keys.contact.identity);
  } catch (error) {
    fail(error);
  }
}

/** @param {Contact | null} contact null for somebody without keys @param {string} identity one's own */
async function showContact(contact, identity) {
  const { word, notice } = verifyWord(contact, name ?? "");
  put(byId("verify-word", HTMLElement), word);
  if (contact) await showNumber(contact.changed ?? contact.identity, identity);
  say(isOther ? `${notice} ${OTHER}`.trim() : notice);
  byId("compare", HTMLElement).hidden = contact === null;
  byId("verified", HTMLElement).hidden = !contact?.verified || contact.changed !== null;
  if (!contact) return;
  byId("matches", HTMLElement).hidden = isOther || contact.verified || contact.changed !== null;
  byId("differs", HTMLElement).hidden = false;
  byId("accept", HTMLElement).hidden = isOther || contact.changed === null;
  if (scanned !== null) compare(scanned, { isVerified: contact.verified && contact.changed === null });
}

/** @param {string} shown the key of theirs @param {string} identity one's own */
async function showNumber(shown, identity) {
  if (shown === compared) return;
  const found = await safetyNumber({ user: own, identity }, { user: other, identity: shown });
  const code = await drawnCode(linkWith(location.pathname, NUMBER, found), gettext("QR code of the safety number"));
  // At once: what is confirmed is what stands there.
  isOther ||= compared !== "" && compared !== shown;
  [compared, number] = [shown, found];
  byId("safety-number", HTMLElement).replaceChildren(...number.split(" ").map((group) => element("li", {}, group)));
  byId("safety-code", HTMLElement).replaceChildren(code);
}

/**
 * Says whether what was scanned is what stands here. It is for the person to say that it came from the other's screen: anybody can send a link.
 * @param {string} found @param {{isVerified: boolean}} shown
 */
function compare(found, { isVerified }) {
  const isEqual = isSame(found, number);
  byId("scanned-same", HTMLElement).hidden = !isEqual || isVerified;
  byId("scanned-other", HTMLElement).hidden = isEqual;
  if (isEqual) return;
  for (const id of ["matches", "differs", "accept"]) byId(id, HTMLElement).hidden = true;
  put(byId("scanned-other", HTMLElement).querySelector("span"), DIFFERENT);
}

/** @param {string} id of a button @param {(known: Contacts) => Promise<void>} what */
function press(id, what) {
  byId(id, HTMLButtonElement).addEventListener("click", async () => {
    if (!contacts) return;
    try {
      await what(contacts);
      await show();
      byId("verify-word", HTMLElement).focus();
    } catch (error) {
      fail(error);
    }
  });
}

/** @param {string} words */
function say(words) {
  const notice = byId("verify-notice", HTMLElement);
  notice.hidden = words === "";
  put(notice.querySelector("p"), words);
}

/** @param {unknown} error */
function fail(error) {
  const place = byId("verify-error", HTMLElement);
  place.hidden = false;
  put(place.querySelector("span"), refusedWord(error));
  if (!(error instanceof ApiError) && /** @type {Error} */ (error).name !== "Refused") throw error;
}
