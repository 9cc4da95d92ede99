/** What the pages of coming in, of one's account and of a room's settings do with scripts. They work without. */

import { setUpPasswords } from "./site/password.js";
import { setUpCopying } from "./base/share.js";
import { setUpSignIn } from "./site/sign_in.js";

// On the way to a sealed room: its key must neither stand in the address bar nor get lost while somebody comes in.
const { hash, pathname, search } = location;
if (hash.startsWith("#k1=")) {
  history.replaceState(history.state, "", pathname + search);
  void import("./encrypted_chats/sealed_arriving.js").then(({ keepForLater }) => keepForLater(hash, new URLSearchParams(search).get("next") ?? ""));
}
const form = document.getElementById("sign-in");
if (form instanceof HTMLFormElement) {
  // A number that a camera has brought goes on to the page that compares it.
  const next = form.elements.namedItem("next");
  if (next instanceof HTMLInputElement && /^#[a-z-]+=\d+$/u.test(hash)) {
    history.replaceState(history.state, "", pathname + search);
    next.value += hash;
  }
  setUpSignIn(form);
}
if (document.getElementById("keys")) void import("./keys/account_keys.js").catch(() => {});
setUpPasswords();
setUpCopying();
