/**
 * Forms with long texts stay until what they send has arrived: without this file a browser that gets no answer puts a
 * page of its own in their place. Loaded late.
 */

import { errorBody, unreachable } from "../base/api.js";
import { put } from "../base/dom.js";
import { gettext } from "../base/gettext.js";

const PATIENCE = 30_000; // milliseconds

/**
 * The form is told by the event `stayed` that what it sent has not arrived.
 * @param {HTMLElement} problem in the form; its `data-stays` says in two words what did not happen
 */
export function setUpStaying(problem) {
  const form = /** @type {HTMLFormElement} */ (problem.closest("form"));
  let busy = false;
  let meant = false; // for the page that the server answers with

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (meant || button?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (!busy) void send(button);
  });

  /** @param {HTMLElement | null} button */
  async function send(button) {
    busy = true;
    problem.hidden = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: content(button),
        signal: AbortSignal.timeout(PATIENCE),
      });
      const to = answer.headers.get("Location");
      if (answer.ok && to) location.assign(to);
      else refused(await reason(answer), button);
    } catch {
      stay(unreachable().message);
    }
    busy = false; // also when the page is left, as whoever is asked may stay
  }

  /** @param {string | null} said @param {HTMLElement | null} button */
  function refused(said, button) {
    if (said !== null) return stay(said);
    // What is wrong in it says the page with the form, which comes as it does without scripts.
    meant = true;
    form.requestSubmit(button);
    meant = false;
  }

  /** @param {HTMLElement | null} button */
  function content(button) {
    const pairs = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    if (button instanceof HTMLButtonElement && button.name) pairs.push([button.name, button.value]);
    return new URLSearchParams(pairs);
  }

  /** @param {string} said */
  function stay(said) {
    problem.hidden = false;
    put(problem.querySelector("span"), `${problem.dataset.stays}: ${said} ${gettext("What you wrote is still here.")}`);
    form.dispatchEvent(new Event("stayed"));
  }
}

/** Why there is no page to show instead of the form; null where there is one. @param {Response} answer */
async function reason(answer) {
  if (answer.headers.get("Content-Type")?.startsWith("application/json")) return errorBody(await answer.json()).message;
  return answer.status < 500 ? null : unreachable().message;
}
