/** The room's page: makes the parts and ties them together. What each does stands in its own file. */

import { Acting } from "./acting.js";
import { Announcer, spoken } from "./announcer.js";
import { ApiError, request, speaker } from "./api.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { byId, element } from "./dom.js";
import { Drafts } from "./drafts.js";
import { ending } from "./endings.js";
import { Feed } from "./feed.js";
import { FeedView } from "./feed_view.js";
import { History } from "./history.js";
import { uuid } from "./ids.js";
import { keepAboveKeyboard } from "./keyboard.js";
import { loadLate } from "./late.js";
import { Live } from "./live.js";
import { showMe } from "./me_view.js";
import { MessageView } from "./message_view.js";
import { MOST_WAITING, Outbox } from "./outbox.js";
import { OutboxStore } from "./outbox_store.js";
import { People } from "./people.js";
import { PeopleView } from "./people_view.js";
import { Pill } from "./pill.js";
import { Roving } from "./roving.js";
import { rows, SLOW } from "./rows.js";
import { Scroll } from "./scroll.js";
import { Sender } from "./sender.js";
import { setUpCode, setUpCopying } from "./share.js";
import { setUpSwitch } from "./switch.js";
import { Tabs } from "./tabs.js";
import { Clock, localeFor } from "./time.js";
import { writtenMessages } from "./written.js";

/** @import { Word } from "./sender.js" */
/** @import { DirectChat, Message, Outcome, RoomData } from "./types.js" */
/** @import { Direct } from "./direct.js" */
/** @import { News } from "./news.js" */

/** @type {RoomData} */
const data = JSON.parse(byId("room-data", HTMLScriptElement).textContent ?? "");
const { me } = data;
speaker.userId = me.user_id;
const clock = new Clock({ locale: localeFor(navigator.languages) });
const list = byId("feed", HTMLElement);
const messages = writtenMessages(list, { chatId: data.chat.id, me });
/** The seq that a permalink leads to, until its reader goes to the newest. */
let target = data.at ?? 0;
const feed = new Feed({ chat: data.chat, messages, rev: data.rev, moreBefore: data.more_before, moreAfter: data.more_after, at: target });
const outbox = new Outbox();
const opening = OutboxStore.open(me.user_id, data.chat.id);
const keeping = opening.then(sweep);
const tabs = new Tabs(me.user_id, data.chat.id, heard);

const view = new FeedView(list, new MessageView(clock, {
  roomName: () => feed.chat.name,
  beginning: data.chat.kind === "direct" ? "This is the beginning of what you two said." : "You are at the beginning of this room.",
  retry: (clientId) => void sender.retry(clientId),
  discard: (clientId) => void sender.discard(clientId),
}));
const announcer = new Announcer(announce, { sentence: (/** @type {Message} */ message) => spoken(message, clock), things: "new messages" });
const log = byId("log", HTMLElement);
const scroll = new Scroll(log, list, { moved });
const roving = new Roving(log, list, { leave: () => composer.focus(), toNewest });
const history = new History(feed, () => { show(); moved(); });
const pill = new Pill(byId("pill", HTMLButtonElement), () => void toNewest());
const people = new People(me, data.chat.kind === "direct");
const peopleView = new PeopleView(people);
const connection = new Connection(byId("notice", HTMLElement), {
  get meanwhile() {
    return sender.keeps ? "Keep writing: it is kept in this browser, and goes out from this room when we are back."
      : "Keep writing; it goes out when we are back, as long as this page stays open.";
  },
  tryNow: () => live.updates.wake(),
});
const live = new Live(feed, {
  me,
  outcome,
  present: (present) => { people.take(present, Date.now()); peopleView.show(); },
  typing: (somebody) => { people.hear(somebody, Date.now()); peopleView.show(); },
  direct: (chat) => void hear(chat),
  poll: async () => (await loadNews())?.poll(),
  renamed: (user) => { showMe(Object.assign(me, user)); peopleView.show(); },
  connected: () => { if (connection.connected()) sender.hurry(); },
  lost: () => connection.lost(),
  over,
});
const sender = new Sender(outbox, {
  send: (entry) => live.send(entry),
  onSent: (message) => live.push({ kind: "message", rev: message.rev, message }),
  onRefused: (problem) => announce([`Not sent. ${problem}`]),
  onChange: show,
  tell: (word) => tabs.tell(word),
}, keeping);
const composer = new Composer({ send: say, write: () => live.type(), onInput: () => drafts.note(), recall: () => void acting.recall() });
/** @type {Drafts} */
const drafts = new Drafts(composer, opening);
/** @type {Acting} */
const acting = new Acting(list, {
  list, feed, me, clock, composer, roving, request, announce, toNewest,
  changed: (message) => live.push({ kind: "message", rev: message.rev, message }),
  sending: () => outbox.unsent.length > 0,
});

/** Loaded where there is something to tell. @type {Promise<News | undefined> | null} */
let news = null;
/** Loaded where two people talk. @type {Promise<Direct | undefined> | undefined} */
let direct;
if (data.chat.kind === "direct") {
  composer.allow(data.chat.may_write === true);
  direct = import("./direct.js").then(({ Direct }) => new Direct({ feed, live, composer, request, following, show }), () => undefined);
}

function loadNews() {
  news ??= import("./news.js").then(({ News }) => new News(request, direct && { here: data.chat.id, own }), () => { news = null; return undefined; });
  return news;
}

function seen() {
  void direct?.then((page) => page?.seen());
}

/** This chat in one's list. @param {DirectChat} [chat] */
function own(chat) {
  void direct?.then((page) => page?.take(chat));
}

/** One of this person's direct chats has changed. @param {DirectChat} chat */
async function hear(chat) {
  if (chat.id === feed.chat.id) own(chat);
  (await loadNews())?.take(chat);
}

/** @param {string} content @returns {string | null} why it cannot be sent now */
function say(content) {
  if (outbox.unsent.length >= MOST_WAITING) return `${MOST_WAITING} messages are waiting to be sent. Keep this one here until they are gone.`;
  void sender.add(uuid(), content);
  setTimeout(show, SLOW + 20);
  void toNewest();
  return null;
}

/** @param {OutboxStore} store */
async function sweep(store) {
  const old = await store.sweep(Date.now());
  if (old > 0) composer.complain(`Not sent, and gone after more than a month: messages of yours that waited here (${old}).`);
  return store;
}

/** Another tab has something to say about what is written here. @param {Word} word */
function heard(word) {
  sender.hear(word);
  if (word.what !== "left") return;
  drafts.stop();
  live.updates.end(new ApiError(401, { code: "unauthenticated", message: "" }));
}

/** @param {ApiError} reason */
function over(reason) {
  composer.allow(false);
  peopleView.clear();
  if (reason.signedOut) sender.pause();
  ending(reason, connection, me, { comeBack, unsaid: composer.content !== "" || outbox.unsent.length > 0 });
}

/** @param {string[]} lines read aloud, not shown */
function announce(lines) {
  byId("announcer", HTMLElement).replaceChildren(...lines.map((line) => element("p", {}, line)));
}

/** @param {Outcome} outcome */
function outcome({ fresh, changed }) {
  if (!changed) return;
  const mine = new Set(fresh.flatMap(({ user_id, client_id }) => user_id === me.user_id && client_id ? client_id : []));
  sender.settle(mine, feed.rev);
  const others = fresh.filter((message) => message.user_id !== me.user_id);
  if (!following()) pill.add(others.length);
  for (const { user_id } of fresh) people.said(user_id);
  if (fresh.length > 0) peopleView.show();
  announcer.add(others);
  show();
  seen();
}

function comeBack() {
  connection.begin();
  composer.allow(feed.chat.may_write !== false);
  composer.focusOnOpening();
  live.comeBack();
}

function following() {
  return scroll.atEnd && !feed.window.moreAfter;
}

function show() {
  outbox.settle(new Set(), feed.rev);
  const { window, messages } = feed;
  // While the newest messages are not loaded, what I write has no place to stand yet, unless they cannot be had.
  const entries = window.moreAfter && !history.resting ? [] : outbox.entries;
  const older = history.resting ? "failed" : history.slow ? "loading" : "";
  const lines = rows({ messages, entries, atBeginning: !window.moreBefore, older, target, me, clock, now: Date.now() });
  scroll.keep(() => roving.keep(() => view.show(lines)), { follow: following() });
  byId("empty", HTMLElement).hidden = messages.length + entries.length > 0 || window.moreBefore;
  for (const name of document.querySelectorAll("[data-room-name]")) name.textContent = feed.chat.name;
  document.title = document.title.replace(/.* · /u, () => `${feed.chat.name} · `);
  pill.show({ following: following(), far: window.moreAfter || target > 0 });
  acting.shown();
}

/** After a scroll, and after anything that may have brought an edge into sight. */
function moved() {
  feed.window.following = following();
  if (following()) pill.clear();
  seen();
  pill.show({ following: following(), far: feed.window.moreAfter || target > 0 });
  if (scroll.nearTop && feed.window.moreBefore) void history.older();
  else if (scroll.nearEnd && feed.window.moreAfter) void history.newer();
}

async function toNewest() {
  await history.newest();
  if (target) {
    target = 0;
    document.getElementById("missing")?.remove();
    // Whoever reloads from now on means the room.
    window.history.replaceState(window.history.state, "", feed.chat.url);
  }
  pill.clear();
  scroll.toEnd();
  show();
}

/** Or to its neighbour, if it is no longer there. */
function toTarget() {
  const message = feed.messages.find(({ seq }) => seq >= target);
  const line = message && document.getElementById(`m${message.seq}`);
  if (!line) return;
  line.scrollIntoView({ block: "center" });
  scroll.remember();
  roving.go(line);
}

show();
scroll.toEnd();
if (target) toTarget();
moved();
sender.go();
for (const way of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-leave]"))) {
  // In a new tab the lobby opens beside the room.
  way.addEventListener("click", ({ ctrlKey, metaKey, shiftKey }) => { if (!ctrlKey && !metaKey && !shiftKey) live.leave(); });
}
setUpCopying();
setUpCode();
loadLate();
keepAboveKeyboard(document.body);
if (!target) composer.focusOnOpening();
addEventListener("pagehide", () => { drafts.save(); sender.leave(); });
addEventListener("pageshow", () => sender.go());
document.addEventListener("visibilitychange", () => drafts.save());
live.use(setUpSwitch(data.live, (polling) => live.use(polling)));
