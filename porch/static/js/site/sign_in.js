/** Coming in, with a name or with a password, without leaving the page: what was typed stays when it is refused. */

import { ApiError, post } from "../base/api.js";
import { element } from "../base/dom.js";

/** @param {HTMLFormElement} form its `data-door` is the address that makes the session */
export function setUpSignIn(form) {
  const fields = [...form.querySelectorAll("input.input")].filter((one) => one instanceof HTMLInputElement);
  const others = form.querySelector(".others");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pressed = event.submitter;
    const suggested = pressed instanceof HTMLButtonElement && pressed.name === "username";
    if (suggested) field("username").value = pressed.value;
    const empty = fields.find((one) => one.value === "");
    if (suggested && empty) return empty.focus();
    void send();
  });

  async function send() {
    busy(true);
    try {
      await post(form.dataset.door ?? "/sessions", Object.fromEntries(fields.map(({ name, value }) => [name, value])));
      location.assign(destination());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Signed in meanwhile, as in another tab: there is nothing left to ask.
      if (error.code === "conflict") return location.assign(destination());
      busy(false);
      show(error);
    }
  }

  /** @param {boolean} now */
  function busy(now) {
    form.setAttribute("aria-busy", String(now));
    for (const button of form.querySelectorAll("button")) button.disabled = now;
  }

  /** @param {ApiError} error */
  function show(error) {
    const named = fields.filter(({ name }) => name in error.fields);
    const wrong = named.length ? named : [error.code === "name_taken" ? field("username") : fields[fields.length - 1]];
    for (const one of fields) explain(one, wrong.includes(one) ? error.fields[one.name] ?? error.message : null);
    if (others instanceof HTMLElement) {
      others.hidden = error.suggestions.length === 0;
      others.replaceChildren(others.children[0], ...error.suggestions.map(suggestion));
    }
    wrong[0].focus();
  }

  /** @param {string} name */
  function field(name) {
    return fields.find((one) => one.name === name) ?? fields[0];
  }

  /** The page one came for; only ever a page of this site. */
  function destination() {
    const next = new FormData(form).get("next");
    const url = new URL(typeof next === "string" ? next : "/", location.origin);
    return url.origin === location.origin ? url.pathname + url.search + url.hash : "/";
  }

  // A page that comes back from the browser's cache comes back as it was left: busy.
  addEventListener("pageshow", () => busy(false));
}

/**
 * @param {HTMLInputElement} field
 * @param {string | null} problem
 */
function explain(field, problem) {
  const place = document.getElementById(`${field.id}-error`);
  if (!place) return;
  place.hidden = problem === null;
  /** @type {HTMLElement} */ (place.querySelector("span")).textContent = problem ?? "";
  if (problem === null) field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
}

/** @param {string} name */
function suggestion(name) {
  const button = element("button", { class: "btn little", name: "username", formnovalidate: "" }, element("bdi", {}, name));
  button.value = name;
  return button;
}
