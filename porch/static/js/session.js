/** Signing in with a name: the one request that makes a session, and what the form shows meanwhile. */

import { ApiError, post } from "./api.js";
import { byId, element } from "./dom.js";

/**
 * Makes a session for this browser; its token comes back as a cookie.
 * @param {string} username
 * @returns {Promise<{token: string, username: string, user_id: number, guest: boolean}>}
 */
export function createSession(username) {
  return post("/sessions", { username });
}

const form = byId("sign-in", HTMLFormElement);
const input = byId("username", HTMLInputElement);
const problem = byId("username-error", HTMLParagraphElement);
const others = /** @type {HTMLElement} */ (form.querySelector(".others"));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const pressed = event.submitter;
  if (pressed instanceof HTMLButtonElement && pressed.name === "username") input.value = pressed.value;
  void signIn(input.value);
});

/** @param {string} username */
async function signIn(username) {
  busy(true);
  try {
    await createSession(username);
    location.assign(destination());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Signed in meanwhile, as in another tab: there is nothing left to ask.
    if (error.code === "conflict") return location.assign(destination());
    showProblem(error);
    busy(false);
    input.focus();
  }
}

/** @param {boolean} now */
function busy(now) {
  form.setAttribute("aria-busy", String(now));
  for (const button of form.querySelectorAll("button")) button.disabled = now;
}

/** @param {ApiError} error */
function showProblem(error) {
  const words = error.fields.username ?? error.message;
  problem.hidden = false;
  /** @type {HTMLElement} */ (problem.querySelector("span")).textContent = words;
  input.setAttribute("aria-invalid", "true");
  others.hidden = error.suggestions.length === 0;
  others.replaceChildren(others.children[0], ...error.suggestions.map(suggestion));
}

/** @param {string} name */
function suggestion(name) {
  const button = element("button", { class: "btn little", name: "username", formnovalidate: "" }, element("bdi", {}, name));
  button.value = name;
  return button;
}

/** The page one came for; only ever a page of this site. */
function destination() {
  const next = new FormData(form).get("next");
  const url = new URL(typeof next === "string" ? next : "/", location.origin);
  return url.origin === location.origin ? url.pathname + url.search + url.hash : "/";
}

// A page that comes back from the browser's cache comes back as it was left: busy.
addEventListener("pageshow", () => busy(false));
