/** The lobby's page: makes the parts and ties them together. What each does stands in its own file. */

import { Announcer } from "./log/announcer.js";
import { mark, total } from "./notifications/attention.js";
import { showDot } from "./notifications/attention_view.js";
import { ApiError, get, request, speaker } from "./base/api.js";
import { Connection } from "./log/connection.js";
import { completeNames } from "./composer/completion.js";
import { DirectList } from "./chats/direct_list.js";
import { DirectRow } from "./chats/direct_row.js";
import { byId, element } from "./base/dom.js";
import { gettext, ngettext } from "./base/gettext.js";
import { ListView } from "./chats/list_view.js";
import { showMe } from "./chats/me_view.js";
import { closeOthers, setUpMenu } from "./chats/menus.js";
import { News } from "./notifications/news.js";
import { RoomList } from "./chats/room_list.js";
import { RoomRow } from "./chats/room_row.js";
import { prefersPolling } from "./log/switch.js";
import { Clock, localeFor } from "./base/time.js";
import { Updates } from "./log/updates.js";
/** @import { Telling } from "./notifications/telling.js" */
/** @import { Chat, DirectChat, LobbyData, LobbyPage, LobbyRow, Me, Notice } from "./base/types.js" */

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
const clock = new Clock({ locale: localeFor(navigator.languages) });
const manage = (/** @type {RoomRow} */ row) => setUpMenu(row, { renamed, deleted: ({ room }) => deleted(room) });
/** @type {ListView<LobbyRow>} */
const view = new ListView(ol, { name: "room", settle: show, draw: (room, written) => new RoomRow(room, { clock, manage }, written) });
const directs = new DirectList(data.directs);
/** @type {ListView<DirectChat>} */
const directView = new ListView(byId("directs", HTMLElement), { name: "direct", settle: show, draw: (chat, written) => new DirectRow(chat, { clock, me }, written) });
/** Loaded late. @type {Promise<Telling | null>} */
const telling = import("./notifications/telling.js").then(({ Telling }) => new Telling({ request, me, pushed: data.pushed }), () => null);
const news = new News(request, { cards: false, counted: (count) => { waiting = count; showAttention(); } });
/** What the server counted last: of more rooms than stand here. */
let waiting = 0;
/** What the title says. */
let shown = Infinity;
const { title } = document;
const announcer = new Announcer(announce, {
  sentence: (/** @type {LobbyRow} */ { name }) => gettext("New room: %(name)s.", { name }),
  burst: (num) => ngettext("%(num)s new room. The last:", "%(num)s new rooms. The last:", num),
  pause: PAUSE,
});
const connection = new Connection(byId("notice", HTMLElement), {
  meanwhile: gettext("The list is as it was a moment ago."),
  tryNow: () => updates.wake(),
});
const updates = new Updates({
  subscribe: (socket) => socket.ask("lobby", {}),
  subscribed: (/** @type {LobbyPage} */ answer) => { take(list.replace(answer)); pollDirects().catch((error) => updates.trouble(error)); },
  poll,
  events: {
    lobby: (change) => take(list.apply(change)),
    direct: (/** @type {DirectChat} */ chat) => { directs.apply(chat); news.take(chat); show(); },
    user: (/** @type {Me} */ user) => showMe(Object.assign(me, user)),
    notice: (/** @type {Notice} */ notice) => void telling.then((one) => one?.tell(notice)),
    session_ended: () => updates.end(new ApiError(401, { code: "unauthenticated", message: "" })),
  },
  connected: () => { connection.connected(); },
  lost: () => connection.lost(),
  over: () => connection.endSession(me),
}, PACE);

async function poll() {
  const part = sought();
  const [page] = await Promise.all([ask(part), pollDirects()]);
  take(list.replace(page, part));
}

async function pollDirects() {
  const answer = await get("/directs");
  directs.replace(answer.directs);
  await news.poll();
  show();
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
  directView.show(directs.rows(), reader);
  const some = list.rooms.size > 0;
  byId("empty", HTMLElement).hidden = some || part !== "";
  byId("none", HTMLElement).hidden = rows.length > 0 || part === "";
  byId("more-rooms", HTMLElement).hidden = !list.more;
  byId("filter", HTMLFormElement).hidden = !list.more && list.rooms.size <= FEW && part === "";
  byId("out", HTMLElement).textContent = out(list.people);
  showAttention();
}

function showAttention() {
  const here = total(list.rooms.values(), directs.rows());
  const count = list.more ? Math.max(here, waiting) : here;
  if (count > shown && !updates.subscribed && document.hidden) void telling.then((one) => one?.tellThat(count));
  shown = count;
  document.title = mark(count) + title;
  showDot(count > 0);
}

/** @param {number} people */
function out(people) {
  if (people === 0) return gettext("Nobody is in a room just now.");
  return ngettext("One person is in a room now.", "%(num)s people are in rooms now.", people);
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
  announce([gettext("“%(name)s” was deleted.", { name })]);
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
completeNames(byId("username", HTMLInputElement), byId("people", HTMLDataListElement));
show({ asked: true });
ol.setAttribute("data-live", "");
// Days go by while a page is open.
setInterval(show, 60_000);
void updates.use(prefersPolling(data.live));
if (!me.guest) void import("./keys/first_keys.js").then(({ ensureKeys }) => ensureKeys(me.user_id, request)).catch(() => {});
