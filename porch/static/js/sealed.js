/**
 * The beginning of a sealed room's page: takes the key out of the address bar, or from this browser, opens what the server wrote
 * into the page, and only then loads what every room's page does.
 */

import { ApiError, post, request, speaker } from "./base/api.js";
import { equal } from "./crypto/bytes.js";
import { watchContinuity } from "./encrypted_chats/continuity_view.js";
import { byId, element } from "./base/dom.js";
import { gettext } from "./base/gettext.js";
import { firstEpochKey, joinToken, toFragment } from "./crypto/sealed_keys.js";
import { SealedLine } from "./encrypted_chats/sealed_line.js";
import { arriving, canSeal, owned, takeSecret } from "./encrypted_chats/sealed_link.js";
import { SealedStore } from "./encrypted_chats/sealed_store.js";
import { offerSearch } from "./encrypted_chats/search_offer.js";
import { openWritten } from "./encrypted_chats/sealed_written.js";

/** @import { Bytes } from "./crypto/bytes.js" */
/** @import { RoomData } from "./base/types.js" */

/** @type {RoomData} */
const { chat, me, ...data } = JSON.parse(byId("room-data", HTMLScriptElement).textContent ?? "");
speaker.userId = me.user_id;
const given = takeSecret();
/** What shows the room's link, each with a way to copy it. */
const LINKS = "#share-link, #panel-link, #empty-link";
/** Why nothing can be written here. */
let missing = "";
/** @type {SealedLine | null} */
let line = null;

// The whole link, opened in this very page, changes nothing but the end of the address.
addEventListener("hashchange", () => void again());
void begin();

async function begin() {
  const able = await canSeal();
  const store = able ? await SealedStore.open() : null;
  const kept = await store?.secret(owned(me.user_id, chat.hash_key));
  // By its hash key alone it was kept before it was somebody's.
  const brought = given ?? await store?.secret(arriving(chat.hash_key)) ?? await store?.secret(chat.hash_key) ?? null;
  const secret = store && (kept ?? (brought && await fits(brought) ? brought : null));
  if (store && secret) {
    await store.keep(owned(me.user_id, chat.hash_key), secret);
    for (const place of [arriving(chat.hash_key), chat.hash_key]) await store.forget(place);
    void store.sweep(Date.now());
    void navigator.storage?.persist?.().catch(() => false);
  } else {
    missing = brought && able ? gettext("This key does not open the room. A letter may have got lost when the link was copied.")
      : able ? gettext("This browser does not have the room’s key. Open the whole link that you were sent, with all that stands behind its #. Until then nothing here can be read, and nothing is sent.")
      : gettext("This browser cannot open sealed rooms here. It takes a current browser and an address that begins with https. Nothing is sent.");
  }
  line = new SealedLine({
    chatId: chat.id,
    userId: me.user_id,
    ask: request,
    store,
    key: secret ? await firstEpochKey(secret) : null,
    renewed: (hashKey) => {
      if (!store || !secret || hashKey === chat.hash_key) return;
      chat.hash_key = hashKey;
      // The key of another room, whose link a host may give out as this one's, stays.
      const place = owned(me.user_id, hashKey);
      void store.secret(place).then((there) => { if (!there) return store.keep(place, secret); });
    },
  });
  Object.assign(globalThis, { sealing: line });
  watchContinuity(line, byId("log", HTMLElement));
  await openWritten(line, byId("feed", HTMLElement), { chatId: chat.id, ...data });
  if (secret) share(toFragment(secret));
  // What opens nothing may be a wrong one; only whoever opened the link knows whether to trust it more.
  if (store && kept && brought && !equal(kept, brought) && line.known.size === 0) offerKey(store, brought);
  const { goToFound } = await import("./room.js");
  if (missing === "") offerSearch(line, { chat, goTo: goToFound });
  else shut(missing);
}

async function again() {
  const secret = takeSecret();
  if (!secret || (line && line.known.size > 0)) return;
  await (await SealedStore.open()).keep(arriving(chat.hash_key), secret);
  location.reload();
}

/** Whether the server lets in with this key; where it does not answer, nobody says that it is wrong. @param {Bytes} secret */
async function fits(secret) {
  try {
    await post(`/chatrooms/${chat.hash_key}/join`, { token: (await joinToken(secret)).token });
    return true;
  } catch (error) {
    return !(error instanceof ApiError && error.status === 404);
  }
}

/** @param {SealedStore} store @param {Bytes} other the key of the link that has just been opened */
function offerKey(store, other) {
  const take = element("button", { type: "button", class: "btn" }, gettext("Use the key of the link"));
  take.addEventListener("click", async () => {
    await store.keep(owned(me.user_id, chat.hash_key), other);
    location.reload();
  });
  byId("log", HTMLElement).before(element("div", { class: "notice", id: "other-key", role: "status" },
    element("p", {}, gettext("The link that you have opened has another key than the one that this browser has for this room, which opens nothing here. Use the other only if you trust whoever gave you the link: they can read what you write with it.")),
    element("div", { class: "go" }, take)));
}

/** What is copied is the whole link; what is shown is not enough to come in. @param {string} fragment */
function share(fragment) {
  for (const whole of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(LINKS))) {
    const shown = whole.textContent ?? "";
    whole.before(element("code", {}, `${shown}${fragment.slice(0, 4)}…`));
    whole.hidden = true;
    whole.textContent = shown + fragment;
  }
  const link = byId("panel-link", HTMLElement);
  const button = element("button", { type: "button", class: "btn little quiet", id: "draw-code" }, gettext("QR code"));
  button.addEventListener("click", () => void draw(button, link.textContent ?? ""));
  link.parentElement?.after(button);
}

/** Over a shoulder a camera reads it, too: it is drawn only where somebody asks for it. @param {HTMLElement} button @param {string} link */
async function draw(button, link) {
  try {
    const { codeOf } = await import("./encrypted_chats/sealed_code.js");
    button.replaceWith(await codeOf(link.trim()));
  } catch {
    // Without a network; the next press tries again.
  }
}

/** @param {string} why */
function shut(why) {
  byId("content", HTMLTextAreaElement).readOnly = true;
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("#composer button"))) button.disabled = true;
  // Without the key it is not the whole link.
  for (const button of document.querySelectorAll("[data-copy]")) button.remove();
  byId("log", HTMLElement).before(element("div", { class: "notice", id: "keyless", role: "alert" }, element("p", {}, why)));
}
