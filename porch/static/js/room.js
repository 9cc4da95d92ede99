/** The room's page: makes the parts and ties them together. What each does stands in its own file. */

import { Acting } from "./messages/acting.js";
import { Announcer, spoken } from "./log/announcer.js";
import { ApiError, request, sealing, speaker } from "./base/api.js";
import { chatName } from "./base/shown_name.js";
import { Attaching } from "./composer/attaching.js";
import { Composer } from "./composer/composer.js";
import { Connection } from "./log/connection.js";
import { byId, element } from "./base/dom.js";
import { Drafts } from "./composer/drafts.js";
import { ending } from "./log/endings.js";
import { Feed } from "./log/feed.js";
import { FeedView } from "./log/feed_view.js";
import { gettext, ngettext } from "./base/gettext.js";
import { History } from "./log/history.js";
import { uuid } from "./base/ids.js";
import { keepAboveKeyboard } from "./site/keyboard.js";
import { setUpKeys } from "./site/keys.js";
import { loadLate } from "./site/late.js";
import { Live } from "./log/live.js";
import { showMe } from "./chats/me_view.js";
import { MessageView } from "./log/message_view.js";
import { MOST_WAITING, Outbox } from "./log/outbox.js";
import { OutboxStore } from "./log/outbox_store.js";
import { People } from "./chats/people.js";
import { PeopleView } from "./chats/people_view.js";
import { Pill } from "./log/pill.js";
import { isPlain } from "./messages/plain.js";
import { Roving } from "./log/roving.js";
import { rows, SLOW } from "./log/rows.js";
import { Scroll } from "./log/scroll.js";
import { Sender } from "./log/sender.js";
import { Reading } from "./notifications/reading.js";
import { setUpCode, setUpCopying } from "./base/share.js";
import { setUpSwitch } from "./log/switch.js";
import { Tabs } from "./log/tabs.js";
import { Clock, localeFor } from "./base/time.js";
import { writtenMessages } from "./log/written.js";

/** @import { Order } from "./composer/order.js" */
/** @import { Word } from "./log/sender.js" */
/** @import { DirectChat, Message, Outcome, RoomData, Standing } from "./base/types.js" */
/** @import { Direct } from "./chats/direct.js" */
/** @import { News } from "./notifications/news.js" */
/** @import { Pins } from "./log/pins.js" */
/** @import { Rich } from "./messages/rich.js" */

/** Milliseconds after which what could not be loaded is asked for again. */
const RETRY = 5000;

/** @type {RoomData} */
const data = JSON.parse(byId("room-data", HTMLScriptElement).textContent ?? "");
const { me } = data;
speaker.userId = me.user_id;
const clock = new Clock({ locale: localeFor(navigator.languages) });
const list = byId("feed", HTMLElement);
const messages = writtenMessages(list, { chatId: data.chat.id, me });
/** The seq that a permalink leads to, until its reader goes to the newest. */
let target = data.at ?? 0;
/** Where what is new begins, from when the page was opened; 0 when nothing was. */
let first = data.attention.first_unread ?? 0;
/** What stands before the title while something waits. */
let mark = "";
const { title } = document;
const feed = new Feed({ chat: { ...data.chat }, messages, rev: data.rev, moreBefore: data.more_before, moreAfter: data.more_after, at: target });
const outbox = new Outbox();
const opening = OutboxStore.open(me.user_id, data.chat.id);
const keeping = opening.then(sweep);
const tabs = new Tabs(me.user_id, data.chat.id, heard);

const view = new FeedView(list, new MessageView(clock, {
  roomName: () => chatName(feed.chat),
  beginning: data.chat.kind === "direct" ? gettext("This is the beginning of what you two said.") : gettext("You are at the beginning of this room."),
  rich: (told) => isPlain(told) ? undefined : richly(),
  retry: (clientId) => void sender.retry(clientId),
  discard: (clientId) => void sender.discard(clientId),
}));
const announcer = new Announcer(announce, {
  sentence: (/** @type {Message} */ message) => spoken({ ...message, content: readable(message) }, clock),
  burst: (num) => ngettext("%(num)s new message. The last:", "%(num)s new messages. The last:", num),
});
const log = byId("log", HTMLElement);
const pinning = byId("pins", HTMLElement);
const scroll = new Scroll(log, list, { moved });
const roving = new Roving(log, list, { leave: () => composer.focus(), toNewest });
const history = new History(feed, () => { show(); moved(); });
const pill = new Pill(byId("pill", HTMLButtonElement), () => void toNewest());
const people = new People(me, data.chat.kind === "direct");
const peopleView = new PeopleView(people);
const connection = new Connection(byId("notice", HTMLElement), {
  get meanwhile() {
    return sender.keeps ? gettext("Keep writing: new messages are kept in this browser, and go out from this room when we are back.")
      : gettext("Keep writing; it goes out when we are back, as long as this page stays open.");
  },
  tryNow: () => live.updates.wake(),
});
const live = new Live(feed, {
  me,
  outcome,
  present: (present) => { people.take(present, Date.now()); peopleView.show(); if (present.standing) heed(present.standing); },
  standing: heed,
  typing: (somebody) => { people.hear(somebody, Date.now()); peopleView.show(); },
  direct: (chat) => void hear(chat),
  read: (read) => void reading.then((page) => page.heard(read)),
  notice: (notice) => void reading.then((page) => page.noticed(notice)),
  poll: async () => (await loadNews())?.poll(),
  renamed: (user) => { showMe(Object.assign(me, user)); peopleView.show(); },
  connected: () => { if (connection.connected()) { sender.hurry(); acting.back(); } },
  lost: () => connection.lost(),
  over,
});
const sender = new Sender(outbox, {
  send: (entry) => live.send(entry),
  onSent: took,
  onRefused: (problem) => announce([gettext("Not sent. %(reason)s", { reason: problem })]),
  onChange: show,
  tell: (word) => tabs.tell(word),
}, keeping);
const composer = new Composer({ send: say, write: () => live.type(), onInput: () => drafts.note(), recall: () => void acting.recall() });
/** @type {Drafts} */
const drafts = new Drafts(composer, opening);
/** @type {Acting} */
const acting = new Acting(list, {
  list, feed, me, clock, composer, roving, request, announce, toNewest,
  changed: took, markUnread, rich: async () => { richly(); await loadingRich; return rich; },
  sending: () => outbox.unsent.length > 0,
});

new Attaching({ composer, chatId: data.chat.id, me, announce, line: sealing });

/** Loaded where somebody may write less than usual, or what they may do changes. @type {Promise<Order | undefined> | undefined} */
let order;
/** Loaded where there is something to tell. @type {Promise<News | undefined> | null} */
let news = null;
/** Loaded where two people talk. @type {Promise<Direct | undefined> | undefined} */
let direct;
if (data.chat.kind === "direct") {
  composer.allow(data.chat.may_write === true);
  direct = import("./chats/direct.js").then(({ Direct }) => new Direct({ feed, live, composer, request, show }), () => undefined);
}
/** Begins when all that it is lent is there. @type {Promise<Reading>} */
const reading = Promise.resolve().then(() => new Reading({
  feed, live, me, log, following, request, attention: data.attention, pushed: data.pushed,
  recount: async () => (await loadNews())?.count(),
  goTo: (seq) => void goTo(seq),
  title: (text) => { mark = text; show(); },
}));

/** What is being opened was heard before. */
async function readSoFar() {
  await sealing?.last;
  return await (await reading).tell() ?? false;
}

function loadNews() {
  news ??= import("./notifications/news.js").then(({ News }) => new News(request, { ...(direct && { here: data.chat.id, own, read: readSoFar }), counted: (count) => void reading.then((page) => page.counted(count)) }), () => { news = null; return undefined; });
  return news;
}

/** @type {Rich | undefined} */
let rich;
/** @type {Promise<void> | null} */
let loadingRich = null;

/** Loaded where a message is more than plain words, which stand there until it is. */
function richly() {
  loadingRich ??= import("./messages/rich.js").then(async ({ Rich }) => {
    const loaded = new Rich({ feed, me, request, changed: show, took, complain: (problem) => composer.complain(problem), go });
    await loaded.styled(list.dataset.rich ?? "");
    rich = loaded;
    show();
  }).catch(() => { setTimeout(() => { loadingRich = null; }, RETRY); });
  return rich;
}

/** The server has answered with a message as it is now. @param {Message} message */
function took(message) {
  live.push({ kind: "message", rev: message.rev, message });
}

/** Without marks, where what reads them is there. @param {Message} message */
function readable(message) {
  return isPlain(message) ? message.content : rich?.plainText(message.content) ?? message.content;
}

/** Loaded where something is pinned. @type {Promise<Pins | undefined> | null} */
let pins = null;

/** @param {Outcome} [outcome] */
async function pinned({ touched, anew } = { touched: [], changed: false, fresh: [] }) {
  if (pinning.hidden && !touched.some((message) => message.pinned)) return;
  pins ??= import("./log/pins.js").then(({ Pins }) => new Pins(pinning, { feed, request, go }), () => { pins = null; return undefined; });
  (await pins)?.take(touched, anew);
}

function seen() {
  void direct?.then((page) => page?.follow());
  void reading.then((page) => page.seen());
}

/** Somebody begins to call somebody by name: from the first time on the names are offered. */
function offerNames() {
  if (!composer.field.value.includes("@")) return;
  composer.field.removeEventListener("input", offerNames);
  import("./composer/naming_view.js").then(({ NamingView }) => new NamingView({ feed, me, composer, people, request, announce }),
    () => composer.field.addEventListener("input", offerNames));
}

/** From a place on nothing counts as read, until one leaves the room and comes back. @param {number} seq */
async function markUnread(seq) {
  try {
    await (await reading).back(seq);
    first = seq;
    show();
    announce([gettext("Marked unread from here.")]);
  } catch {
    announce([gettext("This could not be marked unread. Try again when the line is back.")]);
  }
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
  if (outbox.unsent.length >= MOST_WAITING) return ngettext(
      "%(num)s message is waiting to be sent. Keep this one here until it is gone.",
      "%(num)s messages are waiting to be sent. Keep this one here until they are gone.",
      MOST_WAITING,
    );
  drafts.sent(sender.add(uuid(), content, composer.more));
  setTimeout(show, SLOW + 20);
  void toNewest();
  return null;
}

/** @param {OutboxStore} store */
async function sweep(store) {
  const old = await store.sweep(Date.now());
  if (old > 0) composer.complain(gettext("Not sent, and gone after more than a month: messages of yours that waited here (%(count)s).", { count: old }));
  return store;
}

/** Another tab has something to say about what is written here. @param {Word} word */
function heard(word) {
  sender.hear(word);
  if (word.what === "added") drafts.sentElsewhere(word.content ?? "");
  if (word.what !== "left") return;
  drafts.stop();
  live.updates.end(new ApiError(401, { code: "unauthenticated", message: "" }));
}

/** @param {ApiError} reason */
function over(reason) {
  composer.allow(false);
  drafts.save();
  peopleView.clear();
  if (reason.signedOut) sender.pause();
  ending(reason, connection, me, { comeBack, unsaid: composer.content !== "" || outbox.unsent.length > 0 });
}

/** @param {string[]} lines read aloud, not shown */
function announce(lines) {
  byId("announcer", HTMLElement).replaceChildren(...lines.map((line) => element("p", {}, line)));
}

/** @param {Outcome} outcome */
function outcome(outcome) {
  void pinned(outcome);
  const { fresh, changed } = outcome;
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
  void reading.then((page) => page.said(others));
  heed();
}

/** What this person may do here, and what holds for the room. @param {Partial<Standing>} [standing] */
function heed(standing) {
  Object.assign(feed.chat, standing);
  const { closed, slow_mode, muted_until, ...chat } = feed.chat;
  const changed = /** @type {const} */ (["may_moderate", "url", "kind"]).some((name) => chat[name] !== data.chat[name]);
  if (!order && !closed && !slow_mode && !muted_until && !changed) return;
  order ??= import("./composer/order.js").then(({ Order }) => new Order({ feed, composer, clock, over: () => live.updates.stopped }), () => { order = undefined; return undefined; });
  void order.then((page) => page?.show());
}

function comeBack() {
  connection.begin();
  composer.allow(feed.chat.may_write !== false);
  order = undefined;
  heed();
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
  const lines = rows({
    messages, entries, atBeginning: !window.moreBefore, older, target, first: first >= window.bottom || !window.moreBefore ? first : 0, me, clock, now: Date.now(),
    signOf: (told) => isPlain(told) ? "" : rich?.sign(told) ?? "plain",
  });
  scroll.keep(() => roving.keep(() => view.show(lines)), { follow: following() });
  byId("empty", HTMLElement).hidden = messages.length + entries.length > 0 || window.moreBefore;
  for (const name of document.querySelectorAll("[data-room-name]")) name.textContent = chatName(feed.chat);
  document.title = mark + title.replace(/.* · /u, () => `${chatName(feed.chat)} · `);
  pill.show({ following: following(), far: window.moreAfter || target > 0 });
  acting.shown();
}

/** After a scroll, and after anything that may have brought an edge into sight. */
function moved() {
  feed.window.following = following();
  if (following()) pill.clear();
  seen();
  void reading.then((page) => page.moved());
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

/** What waits to be sent may go now. */
export function hurry() {
  sender.hurry();
}

/** There were no keys for these when they came. @param {Message[]} opened */
export function reopened(opened) {
  outcome(feed.absorb(opened.flatMap(({ seq, rev, client_id, content, reply_to, files }) => {
    const here = feed.at(seq);
    return here?.unopened && here.rev === rev ? [{ ...here, unopened: false, client_id, content, reply_to, files }] : [];
  }), null));
}

/** To a message that was searched for, which stays marked until its reader goes to the newest. @param {number} seq */
export function goToFound(seq) {
  target = seq;
  return goTo(seq);
}

/** To a place that may not be loaded. @param {number} seq */
async function goTo(seq) {
  await history.around(seq);
  show();
  toPlace(seq);
  moved();
}

/** Or to its neighbour, if it is no longer there. @param {number} place */
function toPlace(place) {
  const message = feed.messages.find(({ seq }) => seq >= place);
  if (message) toLine(message.seq);
}

/** @param {number} seq @returns {boolean} whether it is loaded */
function toLine(seq) {
  const line = document.getElementById(`m${seq}`);
  if (!line) return false;
  line.scrollIntoView({ block: "center" });
  scroll.remember();
  roving.go(line);
  return true;
}

/** To another message of this room: here, or around it on a page of its own. @param {number} seq */
function go(seq) {
  if (!toLine(seq)) location.assign(`${feed.chat.url}messages/${seq}/`);
}

show();
void pinned();
scroll.toEnd();
if (target) toPlace(target);
moved();
sender.go();
for (const way of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-leave]"))) {
  // In a new tab the lobby opens beside the room; and whoever is asked may stay.
  way.addEventListener("click", ({ ctrlKey, metaKey, shiftKey }) => { if (!ctrlKey && !metaKey && !shiftKey && !acting.unsaved) live.leave(); });
}
setUpCopying();
setUpCode();
loadLate();
setUpKeys();
keepAboveKeyboard(document.body);
if (!target) composer.focusOnOpening();
heed();
addEventListener("pagehide", () => { drafts.save(); sender.leave(); });
addEventListener("pageshow", () => sender.go());
document.addEventListener("visibilitychange", () => drafts.save());
if (data.chat.kind !== "direct") composer.field.addEventListener("input", offerNames);
byId("level", HTMLFormElement).addEventListener("change", ({ currentTarget: form }) => {
  import("./notifications/level.js")
    .then(({ saveLevel }) => saveLevel(/** @type {HTMLFormElement} */ (form), request, data.chat.id))
    .then(async (level) => (await reading).choose(level), () => {});
});
live.use(setUpSwitch(data.live, (polling) => live.use(polling)));
