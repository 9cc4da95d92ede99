/** The door of a sealed room: shows the server that this browser has the link's key, without giving it away, and goes in. */

import { ApiError, post } from "./base/api.js";
import { byId } from "./base/dom.js";
import { gettext } from "./base/gettext.js";
import { joinToken } from "./crypto/sealed_keys.js";
import { arriving, canSeal, owned, secretIn, takeSecret } from "./encrypted_chats/sealed_link.js";
import { SealedStore } from "./encrypted_chats/sealed_store.js";

/** @typedef {import("./crypto/bytes.js").Bytes} Bytes */

const form = byId("sealed-door", HTMLFormElement);
const hashKey = form.dataset.hashKey ?? "";
const place = owned(Number(form.dataset.user), hashKey);
const words = byId("sealed-word", HTMLElement);
const given = takeSecret();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const secret = secretIn(byId("whole-link", HTMLInputElement).value);
  if (secret) void knock([secret]);
  else tell(gettext("This is not the whole link: its end, with all that stands behind the #, is missing."));
});
// The whole link, opened in this very page, changes nothing but the end of the address.
addEventListener("hashchange", () => {
  const secret = takeSecret();
  if (secret) void knock([secret]);
});
void begin();

async function begin() {
  if (!(await canSeal())) return tell(gettext("This browser cannot open sealed rooms here. It takes a current browser and an address that begins with https."));
  form.hidden = false;
  const store = await SealedStore.open();
  await knock([await store.secret(place), await store.secret(arriving(hashKey)), given].filter((secret) => secret instanceof Uint8Array));
}

/** @param {Bytes[]} secrets tried one after another */
async function knock(secrets) {
  if (secrets.length === 0) return tell(gettext("This browser does not have the room’s key. Open the whole link that you were sent, or put it in here."));
  const store = await SealedStore.open();
  for (const secret of secrets) {
    try {
      await post(`/chatrooms/${hashKey}/join`, { token: (await joinToken(secret)).token });
      // The server's word alone does not put another in the place of one that is kept: the room's page asks.
      await store.keep(await store.secret(place) ? arriving(hashKey) : place, secret);
      return location.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 404) return tell(error.message);
    }
  }
  tell(gettext("This key does not open the room. A letter may have got lost when the link was copied."));
}

/** @param {string} why */
function tell(why) {
  words.textContent = why;
}
