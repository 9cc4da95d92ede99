/** What the room's page says when nothing more comes here, and the way on. */

import { button, element, way } from "./dom.js";

/** @import { ApiError } from "./api.js" */
/** @import { Connection } from "./connection.js" */
/** @import { Me } from "./types.js" */

/**
 * @param {ApiError} reason @param {Connection} connection @param {Me} me
 * @param {{comeBack: () => void, unsaid: boolean}} room `unsaid`: whether something is written here that nobody has
 */
export function ending(reason, connection, me, { comeBack, unsaid }) {
  const { status, code, to } = reason;
  if (code === "moved") {
    const where = to ? element("b", {}, element("bdi", {}, to.name)) : "another room";
    connection.end(["You are in ", where, " now. One room at a time."], ...(to ? [way("Go there", to.url)] : []), button("Come back here", comeBack));
  } else if (status === 410 && unsaid) {
    connection.end([element("b", {}, "This room was deleted."), " What you were writing is still here to copy."], way("To the lobby", location.pathname));
  } else if (status === 410) {
    // The server says at this address what has happened.
    location.replace(location.pathname);
  } else if (status === 404) {
    connection.end([element("b", {}, "You are no longer in this room.")], way("To the lobby", "/chatrooms/"));
  } else {
    connection.endSession(me);
  }
}
