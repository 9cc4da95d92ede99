/** The lobby's page: makes the parts and ties them together. What each does stands in its own file. */

import { Announcer } from "./announcer.js";
import { ApiError, get, speaker } from "./api.js";
import { Connection } from "./connection.js";
import { byId, element } from "./dom.js";
import { LobbyView } from "./lobby_view.js";
import { showMe } from "./me_view.js";
import { closeOthers, setUpMenu } from "./menus.js";
import { RoomList } from "./room_list.js";
import { prefersPolling } from "./switch.js";
import { Clock, localeFor } from "./time.js";
import { Updates } from "./updates.js";

/** @import { Chat, LobbyData, LobbyPage, LobbyRow, Me } from "./types.js" */

const PACE = { usual: 2000, hidden: 10_000 };
/** With fewer rooms there is nothing to search. */
const FEW = 8;
/** Milliseconds without a letter after which the server is asked, too. */
const TYPED = 250;
/** Milliseconds in which a room that is new to everybody can turn out to be one's own: that comes as a second event. */
const OWN = 200;
/** Milliseconds between two words to whoever listens: a room here and there is no news that hurries. */
const PAUSE = 10_000;

/** @type {LobbyData} */
const data = JSON.parse(byId("lobby-data", HTMLScriptElement).textContent ?? "");
const { me } = data;
speaker.userId = me.user_id;
const search = byId("q", HTMLInputElement);
const list = new RoomList(data, me);
const ol = byId("rooms", HTMLElement);
const view = new LobbyView(ol, {
  clock: new Clock({ locale: localeFor(navigator.languages) }),
  settle: show,
  manage: (row) => setUpMenu(row, { renamed, deleted: ({ room }) => deleted(room) }),
});
const announcer = new Announcer(announce, { sentence: (/** @type {LobbyRow} */ { name }) => `New room: ${name}.`, things: "new rooms", pause: PAUSE });
const connection = new Connection(byId("notice", HTMLElement), {
  meanwhile: "The list is as it was a moment ago.",
  tryNow: () => updates.wake(),
});
const updates = new Updates({
  subscribe: (socket) => socket.ask("lobby", {}),
  subscribed: (/** @type {LobbyPage} */ answer) => take(list.replace(answer)),
  poll,
  events: {
    lobby: (change) => take(list.apply(change)),
    user: (/** @type {Me} */ user) => showMe(Object.assign(me, user)),
    session_ended: () => updates.end(new ApiError(401, { code: "unauthenticated", message: "" })),
  },
  connected: () => { connection.connected(); },
  lost: () => connection.lost(),
  over: () => connection.endSession(me),
}, PACE);

async function poll() {
  const part = sought();
  take(list.replace(await ask(part), part));
}

/** @param {string} part @returns {Promise<LobbyPage>} */
function ask(part) {
  return get(part === "" ? "/chats" : `/chats?q=${encodeURIComponent(part)}`);
}

/** @param {LobbyRow[]} fresh */
function take(fresh) {
  setTimeout(() => announcer.add(fresh.filter(({ id }) => list.rooms.get(id)?.mine === false)), OWN);
  show();
}

function sought() {
  return search.value.trim();
}

/** @param {{asked?: boolean}} [reader] */
function show(reader) {
  const part = sought();
  const rows = list.rows(part);
  view.show(rows, reader);
  const some = list.rooms.size > 0;
  byId("empty", HTMLElement).hidden = some || part !== "";
  byId("none", HTMLElement).hidden = rows.length > 0 || part === "";
  byId("more-rooms", HTMLElement).hidden = !list.more;
  byId("filter", HTMLFormElement).hidden = !list.more && list.rooms.size <= FEW && part === "";
  byId("out", HTMLElement).textContent = out(list.people);
}

/** @param {number} people */
function out(people) {
  if (people === 0) return "Nobody is in a room just now.";
  return people === 1 ? "One person is in a room now." : `${people} people are in rooms now.`;
}

/** @param {Chat} chat */
function renamed(chat) {
  const known = list.rooms.get(chat.id);
  if (known) list.apply({ chats: [{ ...known, ...chat }] });
  show();
}

/** @param {LobbyRow} room */
function deleted({ id, name }) {
  list.apply({ gone: [id] });
  show({ asked: true });
  announce([`“${name}” was deleted.`]);
  byId("h-rooms", HTMLElement).focus();
}

/** @param {string[]} lines read aloud, not shown */
function announce(lines) {
  byId("announcer", HTMLElement).replaceChildren(...lines.map((line) => element("p", {}, line)));
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;
search.addEventListener("input", () => {
  show({ asked: true });
  clearTimeout(typing);
  typing = setTimeout(() => void find(), TYPED);
});
search.form?.addEventListener("submit", (event) => { event.preventDefault(); void find(); });

/** Rooms that this page has not heard of. */
async function find() {
  const part = sought();
  if (!list.more || part === "") return;
  try {
    list.replace(await ask(part), part);
    show({ asked: true });
  } catch (error) {
    updates.trouble(error);
  }
}

const gone = document.getElementById("gone");
if (gone) {
  // Said once: reloading, or coming back to this page, is about the lobby.
  history.replaceState(null, "", "/chatrooms/");
  gone.focus();
}
closeOthers(ol);
show({ asked: true });
ol.setAttribute("data-live", "");
// Days go by while a page is open.
setInterval(show, 60_000);
void updates.use(prefersPolling(data.live));
