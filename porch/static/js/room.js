/** The room's page: makes the parts and ties them together. What each does stands in its own file. */

import { Announcer, spoken } from "./announcer.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { byId, element } from "./dom.js";
import { ending } from "./endings.js";
import { Feed } from "./feed.js";
import { FeedView } from "./feed_view.js";
import { History } from "./history.js";
import { uuid } from "./ids.js";
import { keepAboveKeyboard } from "./keyboard.js";
import { Live } from "./live.js";
import { showMe } from "./me_view.js";
import { MessageView } from "./message_view.js";
import { Outbox } from "./outbox.js";
import { setUpPanel } from "./panel.js";
import { People } from "./people.js";
import { PeopleView } from "./people_view.js";
import { Pill } from "./pill.js";
import { Roving } from "./roving.js";
import { rows, SLOW } from "./rows.js";
import { Scroll } from "./scroll.js";
import { Sender } from "./sender.js";
import { setUpCode, setUpCopying } from "./share.js";
import { setUpSwitch } from "./switch.js";
import { Clock, localeFor } from "./time.js";
import { writtenMessages } from "./written.js";

/** @import { Message, Outcome, RoomData } from "./types.js" */

/** @type {RoomData} */
const data = JSON.parse(byId("room-data", HTMLScriptElement).textContent ?? "");
const { me } = data;
const clock = new Clock({ locale: localeFor(navigator.languages) });
const list = byId("feed", HTMLElement);
const messages = writtenMessages(list, { chatId: data.chat.id, me });
const feed = new Feed({ chat: data.chat, messages, rev: data.rev, moreBefore: data.more_before });
const outbox = new Outbox();

const view = new FeedView(list, new MessageView(clock, {
  roomName: () => feed.chat.name,
  retry: (clientId) => { outbox.retry(clientId); sender.go(); },
  discard: (clientId) => { outbox.discard(clientId); sender.go(); },
}));
const announcer = new Announcer(announce, { sentence: (/** @type {Message} */ message) => spoken(message, clock), things: "new messages" });
const log = byId("log", HTMLElement);
const scroll = new Scroll(log, list, { moved });
const roving = new Roving(log, list, { leave: () => composer.focus(), toNewest });
const history = new History(feed, () => { show(); moved(); });
const pill = new Pill(byId("pill", HTMLButtonElement), () => void toNewest());
const people = new People(me);
const peopleView = new PeopleView(people);
const connection = new Connection(byId("notice", HTMLElement), {
  meanwhile: "Keep writing; it goes out when we are back, as long as this page stays open.",
  tryNow: () => live.updates.poller.hurry(),
});
const live = new Live(feed, {
  me,
  outcome,
  present: (present) => { people.take(present, Date.now()); peopleView.show(); },
  typing: (somebody) => { people.hear(somebody, Date.now()); peopleView.show(); },
  renamed: (user) => { showMe(Object.assign(me, user)); peopleView.show(); },
  connected: () => { if (connection.connected()) sender.hurry(); },
  lost: () => connection.lost(),
  over: (reason) => { composer.allow(false); peopleView.clear(); ending(reason, connection, me, comeBack); },
});
const sender = new Sender(outbox, {
  send: (entry) => live.send(entry),
  onSent: (message) => live.push({ kind: "message", rev: message.rev, message }),
  onRefused: (problem) => announce([`Not sent. ${problem}`]),
  onChange: show,
});
const composer = new Composer({ send: (content) => void say(content), write: () => live.type() });

/** @param {string} content */
async function say(content) {
  outbox.add(uuid(), content, Date.now());
  sender.go();
  setTimeout(show, SLOW + 20);
  await toNewest();
}

/** @param {string[]} lines read aloud, not shown */
function announce(lines) {
  byId("announcer", HTMLElement).replaceChildren(...lines.map((line) => element("p", {}, line)));
}

/** @param {Outcome} outcome */
function outcome({ fresh, changed }) {
  if (!changed) return;
  const mine = new Set(fresh.flatMap(({ user_id, client_id }) => user_id === me.user_id && client_id ? client_id : []));
  outbox.settle(mine, feed.rev);
  const others = fresh.filter((message) => message.user_id !== me.user_id);
  if (!following()) pill.add(others.length);
  for (const { user_id } of fresh) people.said(user_id);
  if (fresh.length > 0) peopleView.show();
  announcer.add(others);
  show();
}

function comeBack() {
  connection.begin();
  composer.allow(true);
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
  const lines = rows({ messages, entries, atBeginning: !window.moreBefore, older, me, clock, now: Date.now() });
  scroll.keep(() => roving.keep(() => view.show(lines)), { follow: following() });
  byId("empty", HTMLElement).hidden = messages.length + entries.length > 0 || window.moreBefore;
  for (const name of document.querySelectorAll("[data-room-name]")) name.textContent = feed.chat.name;
  document.title = document.title.replace(/.* · /u, () => `${feed.chat.name} · `);
  pill.show({ following: following(), far: window.moreAfter });
}

/** After a scroll, and after anything that may have brought an edge into sight. */
function moved() {
  feed.window.following = following();
  if (following()) pill.clear();
  pill.show({ following: following(), far: feed.window.moreAfter });
  if (scroll.nearTop && feed.window.moreBefore) void history.older();
  else if (scroll.nearEnd && feed.window.moreAfter) void history.newer();
}

async function toNewest() {
  await history.newest();
  pill.clear();
  scroll.toEnd();
  show();
}

show();
scroll.toEnd();
moved();
for (const way of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-leave]"))) {
  // In a new tab the lobby opens beside the room.
  way.addEventListener("click", ({ ctrlKey, metaKey, shiftKey }) => { if (!ctrlKey && !metaKey && !shiftKey) live.leave(); });
}
setUpPanel();
setUpCopying();
setUpCode();
keepAboveKeyboard(document.body);
composer.focusOnOpening();
live.use(setUpSwitch(data.live, (polling) => live.use(polling)));
