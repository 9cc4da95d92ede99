/** What the room's page says when nothing more comes here, and the way on. */

import { button, element, way } from "../base/dom.js";
import { filled } from "../base/filled.js";
import { gettext } from "../base/gettext.js";

/** @import { ApiError } from "../base/api.js" */
/** @import { Connection } from "./connection.js" */
/** @import { Me } from "../base/types.js" */

/**
 * @param {ApiError} reason @param {Connection} connection @param {Me} me
 * @param {{comeBack: () => void, unsaid: boolean}} room `unsaid`: whether something is written here that nobody has
 */
export function ending(reason, connection, me, { comeBack, unsaid }) {
  const { status, code, to } = reason;
  if (code === "moved") {
    const words = to ? filled(gettext("You are in %(room)s now. One room at a time."), { room: element("b", {}, element("bdi", {}, to.name)) })
      : [gettext("You are in another room now. One room at a time.")];
    connection.end(words, ...(to ? [way(gettext("Go there"), to.url)] : []), button(gettext("Come back here"), comeBack));
  } else if (status === 410 && unsaid) {
    connection.end([element("b", {}, gettext("This room was deleted.")), ` ${gettext("What you were writing is still here to copy.")}`], way(gettext("To the lobby"), location.pathname));
  } else if (status === 410) {
    // The server says at this address what has happened.
    location.replace(location.pathname);
  } else if (status === 404) {
    connection.end([element("b", {}, gettext("You are no longer in this room."))], way(gettext("To the lobby"), "/chatrooms/"));
  } else {
    connection.endSession(me);
  }
}
