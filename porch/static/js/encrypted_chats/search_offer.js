/** Searching an encrypted chat, which the server cannot: offered in the panel, and loaded with the first search. */

import { byId } from "../base/dom.js";

/** @import { EnvelopeLine } from "./envelope_line.js" */
/** @import { SearchView } from "./search_view.js" */
/** @import { Chat } from "../base/types.js" */

/** @param {EnvelopeLine} line @param {{chat: Pick<Chat, "id" | "url">, goTo: (seq: number) => Promise<void>}} room */
export function offerSearch(line, room) {
  const form = byId("seek", HTMLFormElement);
  /** @type {Promise<SearchView> | null} */
  let view = null;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    // A direct chat may still be one that the server reads.
    if (!line.wasEncrypted) return;
    event.preventDefault();
    view ??= import("./search_view.js").then(({ SearchView }) => new SearchView(form, line, room));
    view.then((found) => found.search(), () => {
      // Without a network; the next press tries again.
      view = null;
    });
  });
}
