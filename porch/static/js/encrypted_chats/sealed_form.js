/** Opening a sealed room: the key is made here, and the server learns only what it takes to let in whoever has it. Loaded late. */

import { ApiError, post } from "../base/api.js";
import { gettext } from "../base/gettext.js";
import { fromBase64url } from "../crypto/bytes.js";
import { joinToken, newSecret } from "../crypto/sealed_keys.js";
import { arriving, canSeal } from "./sealed_link.js";
import { SealedStore } from "./sealed_store.js";

/** @param {HTMLElement} choice in the form, hidden until somebody can choose it */
export async function setUpSealedForm(choice) {
  const form = choice.closest("form");
  const box = choice.querySelector("input");
  if (!form || !box || !(await canSeal())) return;
  choice.hidden = false;
  const kinds = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=radio][name=kind]"));
  box.addEventListener("change", () => {
    // Whoever has the link has the key: no other kind can be sealed.
    for (const kind of kinds) {
      kind.disabled = box.checked && kind.value !== "link";
      if (box.checked) kind.checked = kind.value === "link";
    }
  });
  form.addEventListener("submit", (event) => {
    if (!box.checked) return;
    event.preventDefault();
    void open(form);
  });
}

/** @param {HTMLFormElement} form */
async function open(form) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button.door"));
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("name"));
  button.disabled = true;
  try {
    const secret = newSecret();
    const { hash } = await joinToken(secret);
    const store = await SealedStore.open();
    const chat = await post("/chats", { name: field.value, kind: "link", encryption: "sealed", join_hash: hex(hash) });
    await store.keep(arriving(chat.hash_key), secret);
    location.assign(chat.url);
  } catch (error) {
    button.disabled = false;
    const why = error instanceof ApiError ? error.fields.name ?? error.message : gettext("This browser could not keep the room’s key. Nothing was opened.");
    field.setCustomValidity(why);
    field.reportValidity();
    field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
  }
}

/** @param {string} hash 32 bytes in base64url */
function hex(hash) {
  return Array.from(fromBase64url(hash, "hash", 32), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
