/** Between two people's pages and a host: what goes out is locked for the right ones, whatever happens meanwhile and whoever cheats. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { approve, revoke } from "../../porch/static/js/keys/approving.js";
import { randomBytes, toBase64url } from "../../porch/static/js/crypto/bytes.js";
import { Contacts } from "../../porch/static/js/keys/contacts.js";
import { DirectLine } from "../../porch/static/js/encrypted_chats/direct_line.js";
import { LONGEST, MOST_MESSAGES } from "../../porch/static/js/keys/epoch_keys.js";
import { confirmIdentity, ownKeys, requestApproval } from "../../porch/static/js/keys/own_keys.js";
import { CHAT, Host, suite } from "./host.js";
import { otherBit } from "./key_factories.js";
import { KeyStoreModel } from "./key_store_model.js";

class Failure extends Error {
  /** @param {number} status @param {{code: string, message: string}} body */
  constructor(status, { code, message }) {
    super(message);
    Object.assign(this, { status, code });
  }
}

let ids = 0;
function uuid() {
  ids += 1;
  return `0e6f2f0e-5d1c-4a53-9d3b-${String(ids).padStart(12, "0")}`;
}

/** The page of one of the two. */
class Side {
  /** @param {Host} host @param {number} user @param {KeyStoreModel} [store] @param {object} [more] */
  constructor(host, user, store = new KeyStoreModel(), more = {}) {
    Object.assign(this, { host, user, store });
    this.host = host;
    this.user = user;
    this.store = store;
    this.line = new DirectLine({ chatId: CHAT, userId: user, peerId: 3 - user, withGuest: false, isEncrypted: host.epochs.length > 0, ask: host.asker(user), suite, store: store.asStore, ...more });
    /** @type {any[]} the bodies that went out */
    this.sent = [];
  }

  /** @param {string} content @param {string} [id] */
  say(content, id = uuid()) {
    return this.line.through("send", { client_id: id, content }, async (body) => {
      this.sent.push(body);
      return this.host.store(this.user, body);
    }, Failure);
  }

  /** What stands in the log, as a new answer tells it. */
  async read() {
    const answer = await this.line.open({ messages: JSON.parse(JSON.stringify(this.host.messages)) });
    return answer.messages.map((/** @type {any} */ { content }) => content);
  }

  keys() {
    return ownKeys({ user: this.user, ask: this.host.asker(this.user), store: this.store.asStore, suite });
  }
}

/** Two people with keys. */
async function two() {
  const host = new Host();
  const [ann, bob] = [new Side(host, 1), new Side(host, 2)];
  await Promise.all([ann.keys(), bob.keys()]);
  return { host, ann, bob };
}

test("the first word is locked already, and the other opens it", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Hello");
  await bob.say("You, too");
  assert.deepEqual(await ann.read(), ["Hello", "You, too"]);
  assert.deepEqual(await bob.read(), ["Hello", "You, too"]);
  assert.equal(host.epochs.length, 1);
  assert.ok(host.messages.every(({ content }) => content === ""));
  assert.deepEqual(host.messages.map(({ envelope }) => envelope.ctr), [1, 1]);
  assert.deepEqual(await bob.line.problems(), { missing: [], differing: [] });
  // Again, in a page of its own: nothing but what was kept is needed to read.
  host.asked.length = 0;
  assert.deepEqual(await new Side(host, 1, ann.store).read(), ["Hello", "You, too"]);
  assert.deepEqual(host.asked, []);
});

test("of two who begin at once one goes on with the other's epoch", async () => {
  const { host, ann, bob } = await two();
  await Promise.all([ann.say("Ann"), bob.say("Bob")]);
  assert.equal(host.epochs.length, 1);
  assert.deepEqual((await ann.read()).sort(), ["Ann", "Bob"]);
  assert.deepEqual((await bob.read()).sort(), ["Ann", "Bob"]);
});

test("an answer that is lost in the middle of a beginning costs nothing", async () => {
  const { host, ann, bob } = await two();
  const ask = host.asker(1);
  let lost = 0;
  ann.line.ask = async (method, path, body) => {
    const answer = await ask(method, path, body);
    if (method === "POST" && path.endsWith("/epochs") && (lost += 1) === 1) throw Object.assign(new Error("lost"), { status: 0, code: "unreachable" });
    return answer;
  };
  const id = uuid();
  await assert.rejects(ann.say("Hello", id), { status: 0 });
  assert.equal(host.messages.length, 0);
  await ann.say("Hello", id);
  assert.equal(host.epochs.length, 1);
  assert.deepEqual(await bob.read(), ["Hello"]);
});

test("a message for an epoch that has passed is locked again under its number", async () => {
  const { host, ann, bob } = await two();
  await ann.say("One");
  await bob.read();
  const keys = await bob.keys();
  await revoke(keys, host.account(2).entries[1].dev);
  await bob.line.lookAgain();
  await bob.say("Two");
  assert.equal(host.epochs.length, 2);
  await ann.say("Three");
  assert.deepEqual(ann.sent.slice(1).map(({ envelope: { epoch, ctr, client_id } }) => [epoch, ctr, client_id]), [[0, 2, ann.sent[1].client_id], [1, 2, ann.sent[1].client_id]]);
  assert.deepEqual(await bob.read(), ["One", "Two", "Three"]);
  assert.deepEqual(await bob.line.problems(), { missing: [], differing: [] });
});

test("what is sent again goes out as it was locked first", async () => {
  const { ann, host, bob } = await two();
  const id = uuid();
  const body = { client_id: id, content: "Hello" };
  /** @type {any[]} */
  const sent = [];
  await assert.rejects(ann.line.through("send", body, async (locked) => { sent.push(locked); throw new Failure(0, { code: "unreachable", message: "" }); }, Failure), { status: 0 });
  const again = new Side(host, 1, ann.store);
  await again.say("Hello", id);
  assert.deepEqual(again.sent[0], sent[0]);
  await again.say("More");
  assert.deepEqual(await bob.read(), ["Hello", "More"]);
});

test("a number that never arrived is told of, and is missed by nobody", async () => {
  const { ann, bob, host } = await two();
  await ann.say("One");
  await assert.rejects(ann.line.through("send", { client_id: uuid(), content: "Thrown away" }, async () => { throw new Failure(403, { code: "forbidden", message: "" }); }, Failure), { status: 403 });
  await ann.say("Two");
  bob.line.covered(`/chats/${CHAT}/messages?before=9`, { messages: [], more: false });
  bob.line.wrote(0, 9);
  assert.deepEqual(await bob.read(), ["One", "Two"]);
  assert.deepEqual(host.messages.map(({ envelope }) => envelope.ctr), [1, 3]);
  assert.deepEqual(await bob.line.problems(), { missing: [], differing: [] });
});

/** A file that is in its place, as the page has it. @param {number} id */
const aFile = (id) => {
  const [key, iv, sha256] = [32, 12, 32].map((length) => toBase64url(randomBytes(length)));
  return { id, name: "quince.txt", media_type: "text/plain", size: 20, url: `/chats/${CHAT}/uploads/${id}/locked`, lock: { key, iv, sha256 } };
};

test("of files the host has the numbers, and nothing that it says of them is believed", async () => {
  const { host, ann, bob } = await two();
  const file = aFile(5);
  const send = async (/** @type {any} */ body) => host.store(1, body);
  const message = await ann.line.through("send", { client_id: uuid(), content: "", files: [file] }, send, Failure);
  assert.deepEqual(host.messages[0].files, [5]);
  assert.ok(!JSON.stringify(host.messages).includes("quince"));
  assert.deepEqual(message.files, [file]);
  // An edit says of them what was said before.
  const edit = async (/** @type {any} */ { envelope }) => { host.messages[0].envelope = envelope; return { ...host.messages[0] }; };
  await ann.line.through(`/chats/${CHAT}/messages/1`, { content: "Look" }, edit, Failure);
  host.messages[0].files = [{ id: 6, name: "other.txt", media_type: "text/plain", size: 1, url: "/chats/7/uploads/6/other.txt" }];
  host.messages[0].preview = { url: "https://example.org/", title: "Other", description: "", site: "" };
  const { messages: [read] } = await bob.line.open({ messages: JSON.parse(JSON.stringify(host.messages)) });
  assert.deepEqual([read.content, read.files, read.preview], ["Look", [file], undefined]);
});

test("a file that is not locked goes with nothing that is, nor the key of one with what is not", async () => {
  const { host, ann } = await two();
  const { lock: _lock, ...open } = aFile(5);
  const never = async () => assert.fail("it went out");
  await assert.rejects(ann.line.through("send", { client_id: uuid(), content: "Look", files: [open] }, never, Failure), { status: 409, code: "files" });
  const plain = new Side(host, 1, new KeyStoreModel(), { withGuest: true, isEncrypted: false });
  await assert.rejects(plain.line.through("send", { client_id: uuid(), content: "Look", files: [aFile(5)] }, never, Failure), { status: 409, code: "files" });
});

test("a message that the host leaves out is missed", async () => {
  const { ann, bob, host } = await two();
  for (const text of ["One", "Two", "Three"]) await ann.say(text);
  host.messages.splice(1, 1);
  bob.line.covered(`/chats/${CHAT}/`, { messages: [], more: false });
  assert.deepEqual(await bob.read(), ["One", "Three"]);
  assert.deepEqual((await bob.line.problems()).missing, [1]);
});

test("what was taken back is missed by nobody, though a page is written without it", async () => {
  const { ann, bob, host } = await two();
  await ann.say("Taken back");
  await bob.read();
  await bob.say("Seen");
  Object.assign(host.messages[0], { deleted: true, envelope: undefined });
  const page = new Side(host, 2, bob.store);
  await page.line.open({ messages: [JSON.parse(JSON.stringify(host.messages[1]))] });
  page.line.wrote(0, 2);
  assert.deepEqual(page.line.continuity.problems().differing, [2], "as far as the page alone can tell");
  assert.deepEqual(await page.line.problems(), { missing: [], differing: [] });
});

test("an edit is locked in the newest epoch, and names what it replaces", async () => {
  const { ann, bob, host } = await two();
  await ann.say("Tpyo");
  const edit = await ann.line.through(`/chats/${CHAT}/messages/1`, { content: "Typo" }, async (body) => {
    Object.assign(host.messages[0], body, { edited_at: "2030-01-01T00:00:00Z", rev: 2 });
    return JSON.parse(JSON.stringify(host.messages[0]));
  }, Failure);
  assert.equal(edit.content, "Typo");
  await ann.say("Next");
  bob.line.wrote(0, 9);
  assert.deepEqual(await bob.read(), ["Typo", "Next"]);
  assert.deepEqual(await bob.line.problems(), { missing: [], differing: [] });
  await assert.rejects(ann.line.through(`/chats/${CHAT}/messages/99`, { content: "?" }, async () => null, Failure), { code: "client_id" });
});

test("a new epoch begins with time and with messages", async (context) => {
  const { ann, bob, host } = await two();
  await ann.say("One");
  context.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ["Date"], now: Date.now() + LONGEST + 1 });
  await ann.say("Two");
  assert.equal(host.epochs.length, 2);
  host.skipped = MOST_MESSAGES;
  await bob.say("Three");
  await ann.read();
  await ann.say("Four");
  assert.equal(host.epochs.length, 3);
  assert.deepEqual(await bob.read(), ["One", "Two", "Three", "Four"]);
});

test("a host whose clock is wrong makes nobody begin with every message", async () => {
  for (const wrong of [-100 * LONGEST, 100 * LONGEST]) {
    const { ann, bob, host } = await two();
    host.wrong = wrong;
    for (const one of [ann, bob, ann, bob]) {
      await one.say("Next");
      await Promise.all([ann.read(), bob.read()]);
    }
    assert.equal(host.epochs.length, 1);
  }
});

test("a browser that was let in reads what was before; one that was shut out reads nothing more", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Before");
  const phone = new Side(host, 2);
  await assert.rejects(phone.say("No"), { code: "new", status: 409 });
  assert.match((await phone.read())[0], /does not have your keys/u);
  await requestApproval(await phone.keys());
  const keys = await bob.keys();
  await approve(keys, /** @type {any} */ (keys.told).requests[0]);
  await assert.rejects(new Side(host, 2, phone.store).say("No"), { code: "let_in", status: 409, message: /have not said yet/u }, "its person has not said that it was them");
  await confirmIdentity(await phone.keys());
  const again = new Side(host, 2, phone.store);
  assert.deepEqual(await again.read(), ["Before"]);
  await again.say("By telephone");
  assert.deepEqual(await ann.read(), ["Before", "By telephone"]);
  await revoke(await bob.keys(), /** @type {any} */ (again.line.device).dev);
  await ann.line.lookAgain();
  await ann.say("Without");
  assert.deepEqual(await bob.read(), ["Before", "By telephone", "Without"]);
  assert.match((await again.read())[2], /has not been given the key/u);
  await again.line.lookAgain();
  await assert.rejects(again.say("No"), { code: "new" });
});

test("keys whose page was left while they were made are one's own on the next", async () => {
  const host = new Host();
  const [ann, bob] = [new Side(host, 1), new Side(host, 2)];
  await ann.keys();
  const ask = host.asker(2);
  const left = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {any} */ body) => {
    const answer = await ask(method, path, body);
    if (method === "POST") throw new Failure(0, { code: "left", message: "The page is not there any more." });
    return answer;
  };
  await assert.rejects(ownKeys({ user: 2, ask: left, store: bob.store.asStore, suite }), { code: "left" });
  await bob.say("Here already");
  assert.deepEqual(await ann.read(), ["Here already"]);
});

test("what could not be opened is opened once there are keys, and nothing of it twice", async () => {
  const { host, ann, bob } = await two();
  for (const text of ["One", "Two", "Three"]) await ann.say(text);
  const phone = new Side(host, 2);
  assert.match((await phone.read()).join(), /^(Locked\.[^,]*,?){3}$/u);
  await phone.line.open({ chat_id: CHAT, seq: 2, rev: 4, user_id: 1, deleted: true });
  assert.deepEqual(await phone.line.reopen(), [], "there are none yet");
  let unlocked = 0;
  phone.line.unlocked = () => { unlocked += 1; };
  await requestApproval(await phone.keys());
  const keys = await bob.keys();
  await approve(keys, /** @type {any} */ (keys.told).requests[0]);
  await phone.line.lookAgain();
  assert.equal(unlocked, 0, "its person has not said that it was them");
  assert.match((await new Side(host, 2, phone.store).read())[0], /have not said yet/u);
  assert.deepEqual(await phone.line.reopen(), []);
  await confirmIdentity(await phone.keys());
  await phone.line.lookAgain();
  assert.equal(unlocked, 1);
  const opened = await phone.line.reopen();
  assert.deepEqual(opened.map(({ seq, content }) => [seq, content]), [[1, "One"], [3, "Three"]]);
  assert.deepEqual(await phone.line.reopen(), []);
});

test("the keys of before may come after this browser was let in", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Before");
  const phone = new Side(host, 2);
  await phone.read();
  await requestApproval(await phone.keys());
  const shares = host.shares;
  const keys = await bob.keys();
  await approve(keys, /** @type {any} */ (keys.told).requests[0]);
  await confirmIdentity(await phone.keys());
  const given = shares.splice(0);
  await phone.line.lookAgain();
  assert.deepEqual(await phone.line.reopen(), []);
  shares.push(...given);
  assert.deepEqual((await phone.line.reopen()).map(({ content }) => content), ["Before"]);
});

test("what two without keys say is readable, until both have some", async () => {
  const host = new Host();
  const ann = new Side(host, 1);
  await ann.say("Early");
  assert.equal(ann.line.way, "plain");
  const bob = new Side(host, 2);
  await bob.keys();
  await ann.line.lookAgain();
  await ann.say("Locked");
  assert.deepEqual(host.messages.map(({ content }) => content), ["Early", ""]);
  assert.deepEqual(await bob.read(), ["Early", "Locked"]);
  assert.equal(bob.line.since, 2);
});

test("where it was ever locked nothing readable goes out, whatever the host says", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Hello");
  await bob.read();
  const { accounts, epochs } = host;
  host.accounts = new Host().accounts;
  host.epochs = [];
  const again = new Side(host, 1, ann.store);
  await assert.rejects(again.say("Readable?"), { code: "no_keys", status: 409 });
  assert.deepEqual(again.sent, []);
  // A browser that cannot lock sends nothing here, either.
  Object.assign(host, { accounts, epochs });
  const insecure = new Side(host, 1, new KeyStoreModel());
  insecure.line.loadAll = async () => {};
  await assert.rejects(insecure.say("Readable?"), { code: "unable" });
  assert.deepEqual(insecure.sent, []);
  // Nor in a chat that was never locked, once the other was seen to have keys.
  const fresh = new Host();
  const first = new Side(fresh, 1);
  await new Side(fresh, 2).keys();
  await first.line.look();
  fresh.account(2).identity = null;
  await first.line.lookAgain();
  await assert.rejects(first.say("Readable?"), { code: "no_keys" });
  // Nor where the host says that they are a guest now.
  const guest = new Side(fresh, 1, first.store, { withGuest: true });
  await assert.rejects(guest.say("Readable?"), { code: "no_keys" });
  assert.deepEqual(guest.sent, []);
});

test("what waits for keys in a chat that was said to be encrypted never goes out readable", async () => {
  const host = new Host();
  const store = new KeyStoreModel();
  const told = new Side(host, 1, store, { isEncrypted: true });
  await assert.rejects(told.say("For your eyes"), { code: "no_keys" });
  // The page anew, of a host that says now that nothing was ever locked here.
  const again = new Side(host, 1, store, { isEncrypted: false });
  await assert.rejects(again.say("For your eyes"), { code: "no_keys" });
  assert.deepEqual([told.sent, again.sent], [[], []]);
});

test("a page that was opened before there were keys sends nothing readable once another page has seen them", async () => {
  const host = new Host();
  const early = new Side(host, 1);
  await early.say("Early");
  assert.equal(early.line.way, "plain");
  await new Side(host, 2).keys();
  await new Side(host, 1, early.store).line.look();
  await early.say("Locked");
  assert.deepEqual(early.sent.map(({ content }) => content), ["Early", ""]);
  // Nor where another page has only heard that the chat is encrypted.
  const fresh = new Host();
  const first = new Side(fresh, 1);
  await first.line.look();
  await new Side(fresh, 1, first.store, { isEncrypted: true }).line.look();
  await assert.rejects(first.say("Readable?"), { code: "no_keys" });
  assert.deepEqual(first.sent, []);
});

test("what was written readable is shown before what is locked, also where one of it was edited", async () => {
  const host = new Host();
  const ann = new Side(host, 1);
  await ann.say("Early");
  await ann.say("Erly, too");
  const bob = new Side(host, 2);
  await bob.keys();
  await ann.line.lookAgain();
  await ann.read();
  await ann.say("Locked");
  await ann.line.through(`/chats/${CHAT}/messages/1`, { content: "Early, mended" }, async (body) => {
    Object.assign(host.messages[0], body, { edited_at: "2030-01-01T00:00:00Z", rev: 4 });
    return { ...host.messages[0] };
  }, Failure);
  const page = new Side(host, 2, bob.store);
  page.line.covered(`/chats/${CHAT}/`, { messages: [], more: false });
  assert.deepEqual(await page.read(), ["Early, mended", "Erly, too", "Locked"]);
  assert.equal(page.line.since, 3);
  assert.deepEqual(await page.line.problems(), { missing: [], differing: [] });
});

test("of somebody whose account is gone a new browser says why it opens nothing", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Hello");
  await bob.say("Farewell");
  Object.assign(host.account(2), { identity: null, entries: [] });
  const phone = new Side(host, 1);
  await requestApproval(await phone.keys());
  const keys = await ann.keys();
  await approve(keys, /** @type {any} */ (keys.told).requests[0]);
  await confirmIdentity(await phone.keys());
  const [mine, theirs] = await new Side(host, 1, phone.store).read();
  assert.equal(mine, "Hello");
  assert.match(theirs, /has no keys any more/u);
  assert.deepEqual(await new Side(host, 1, ann.store).read(), ["Hello", "Farewell"], "who knew them reads on");
});

test("an epoch that somebody was led to lock for others, too, is told", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Hello");
  await bob.say("Hello, you");
  await ann.read();
  assert.equal(ann.line.isStrange, false);
  // Bob's new browser is shown a chain of the host's for Ann, which has her own browser in it, and one more.
  const cheat = new Host();
  const mallory = await new Side(cheat, 1).keys();
  await approve(mallory, /** @type {any} */ (ann.line.device));
  const phone = new Side(host, 2);
  await requestApproval(await phone.keys());
  const keys = await bob.keys();
  await approve(keys, /** @type {any} */ (keys.told).requests[0]);
  await confirmIdentity(await phone.keys());
  const { identity, entries } = host.account(1);
  Object.assign(host.account(1), { identity: cheat.account(1).identity, entries: cheat.account(1).entries });
  await new Side(host, 2, phone.store).say("Nobody else reads this");
  Object.assign(host.account(1), { identity, entries });
  const page = new Side(host, 1, ann.store);
  assert.equal((await page.read())[2], "Nobody else reads this");
  assert.equal(page.line.isStrange, true);
  // What she writes is for the right ones.
  await page.say("I see");
  await page.read();
  assert.equal(page.line.isStrange, false);
  assert.ok(!JSON.stringify(host.epochs.at(-1)).includes(/** @type {string} */ (mallory.device?.dev)));
  // And Bob's telephone learns from hers that it was shown another key of hers.
  Object.assign(host.account(1), { identity: cheat.account(1).identity, entries: cheat.account(1).entries });
  const deceived = new Side(host, 2, phone.store);
  assert.equal((await deceived.read())[3], "I see");
  assert.equal(deceived.line.isStrange, true);
});

test("a log that ends before what was read of it is told", async () => {
  const { host, ann, bob } = await two();
  for (const text of ["One", "Two", "Three"]) await ann.say(text);
  await bob.read();
  await bob.line.keepSeen();
  const page = async () => {
    const side = new Side(host, 2, bob.store);
    await side.read();
    side.line.wrote(0, host.head);
    return side.line;
  };
  assert.equal(await (await page()).hasReceded(), false);
  const [last] = host.messages.splice(2);
  assert.equal(await (await page()).hasReceded(), true);
  await ann.say("Other");
  assert.equal(await (await page()).hasReceded(), true, "something else stands there");
  host.messages.splice(2, 1, { ...last, deleted: true, envelope: undefined });
  assert.equal(await (await page()).hasReceded(), false, "it was taken back");
});

/** A second browser of somebody, let in by the first. @param {Host} host @param {Side} old */
async function letIn(host, old) {
  const young = new Side(host, old.user);
  await requestApproval(await young.keys());
  const keys = await old.keys();
  await approve(keys, /** @type {any} */ (keys.told).requests.at(-1));
  await confirmIdentity(await young.keys());
  return young;
}

/** @param {Side} old @param {Side} gone */
async function shutOut(old, gone) {
  await revoke(await old.keys(), /** @type {string} */ ((await gone.keys()).device?.dev));
}

test("a browser that was let in and shut out before anybody wrote reads nothing of what comes, whoever writes it", async () => {
  for (const [first, hears] of /** @type {const} */ ([["ann", true], ["bob", true], ["ann", false], ["bob", false]])) {
    const { host, ann, bob } = await two();
    await ann.say("Before");
    await bob.read();
    const phone = await letIn(host, bob);
    assert.deepEqual(await phone.read(), ["Before"]);
    await shutOut(bob, phone);
    const writes = { ann, bob }[first];
    if (hears) await writes.line.lookAgain();
    await writes.say("After");
    assert.deepEqual(writes.sent.map(({ envelope: { epoch } }) => epoch).at(-1), 1);
    assert.match((await phone.read())[1], /^Locked\./u, first);
    for (const one of [ann, bob]) assert.deepEqual(await one.read(), ["Before", "After"]);
    assert.deepEqual(await bob.line.problems(), { missing: [], differing: [] });
  }
});

test("while browsers come and go nothing is lost or said twice", async () => {
  const { host, ann, bob } = await two();
  const phones = [];
  const said = [];
  for (let round = 0; round < 4; round += 1) {
    const texts = [`Ann ${round}`, `Bob ${round}`];
    const [phone] = await Promise.all([letIn(host, bob), ann.say(texts[0]), bob.say(texts[1])]);
    phones.push(phone);
    await Promise.all([shutOut(bob, phone), ann.say(texts[0] + " again"), bob.say(texts[1] + " again")]);
    said.push(...texts, ...texts.map((text) => `${text} again`));
  }
  await Promise.all([ann.say("Last"), bob.say("Last, too")]);
  for (const one of [ann, bob]) {
    one.line.covered(`/chats/${CHAT}/messages?before=99`, { messages: [], more: false });
    assert.deepEqual((await one.read()).sort(), [...said, "Last", "Last, too"].sort());
    assert.deepEqual(await one.line.problems(), { missing: [], differing: [] });
    assert.equal(one.line.isStrange, false);
  }
  for (const phone of phones) assert.equal((await phone.read()).filter((/** @type {string} */ text) => text.startsWith("Last")).length, 0);
});

test("who is kept from hearing that a browser was shut out sends nothing, once somebody who has heard it wrote", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Hello");
  const phone = await letIn(host, ann);
  await bob.line.lookAgain();
  await bob.say("Hello, you");
  await shutOut(ann, phone);
  await ann.line.lookAgain();
  await ann.say("Without the telephone");
  const { entries } = host.account(1);
  host.account(1).entries = entries.slice(0, -1);
  await assert.rejects(bob.say("With it"), { code: "refused", status: 409 });
  await bob.read();
  assert.equal(bob.line.isStrange, true);
  assert.equal(host.epochs.length, 3);
  host.account(1).entries = entries;
  await bob.say("Without it");
  assert.deepEqual(await ann.read(), ["Hello", "Hello, you", "Without the telephone", "Without it"]);
  assert.deepEqual([ann.line.isStrange, bob.line.isStrange], [false, false]);
});

test("who began anew, and who shut a browser out, is no stranger", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Hello");
  await bob.say("Hello, you");
  Object.assign(host.account(2), { identity: null, entries: [] });
  await new Side(host, 2).keys();
  await ann.line.lookAgain();
  await ann.read();
  assert.equal(ann.line.isStrange, false);
  const keys = await ann.keys();
  await revoke(keys, host.account(1).entries[1].dev);
  await ann.line.lookAgain();
  await ann.read();
  assert.equal(ann.line.isStrange, false);
});

test("a key that a host puts in the place of another is announced, or stops everything", async () => {
  const { host, ann } = await two();
  await ann.say("Hello");
  const store = new KeyStoreModel();
  const swap = async () => {
    Object.assign(host.account(2), { identity: null, entries: [] });
    await new Side(host, 2, new KeyStoreModel()).keys();
  };
  await swap();
  await ann.line.lookAgain();
  assert.equal(ann.line.way, "encrypted");
  assert.ok(ann.line.two.of(2).contact?.replaced);
  const contacts = new Contacts(ann.store.asStore, 1);
  await contacts.verify(2, /** @type {string} */ (host.account(2).identity));
  await swap();
  await ann.line.lookAgain();
  const { epochs } = host;
  await assert.rejects(ann.say("To whom?"), { code: "changed", status: 409 });
  assert.deepEqual(host.epochs, epochs);
  await contacts.accept(2, /** @type {string} */ (host.account(2).identity));
  await ann.line.lookAgain();
  await ann.say("To the new one");
  assert.equal(host.messages.length, 2);
  // One's own keys, swapped: this browser knows better.
  Object.assign(host.account(1), { identity: null, entries: [] });
  await new Side(host, 1, store).keys();
  await ann.line.lookAgain();
  await assert.rejects(ann.say("As whom?"), { code: "own_changed" });
});

test("entries that were changed, and epochs in the place of others, are refused", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Hello");
  const entry = host.account(2).entries[0];
  host.account(2).entries[0] = { ...entry, created: entry.created + 1 };
  await ann.line.lookAgain();
  await assert.rejects(ann.say("No"), { code: "refused" });
  host.account(2).entries[0] = entry;
  await ann.line.lookAgain();
  // An epoch for one device more than there is.
  const [epoch] = host.epochs;
  const [one, other] = epoch.members;
  host.epochs = [{ ...epoch, members: [one, { ...other, end: otherBit(other.end) }] }];
  assert.match((await bob.read())[0], /cannot be opened/u);
  await assert.rejects(bob.say("No"), { status: 409 });
});

test("nobody speaks in another's name, and nothing readable is put in", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Mine");
  await bob.say("His");
  const [mine, his] = host.messages;
  mine.user_id = 2;
  assert.match((await bob.read())[0], /cannot be opened/u);
  mine.user_id = 1;
  host.messages[1] = { ...his, envelope: undefined, content: "Put in" };
  const read = await new Side(host, 1, ann.store).read();
  assert.equal(read[0], "Mine");
  assert.match(read[1], /came without a lock/u);
});

test("who takes the client_id of another's message hides it from nobody", async () => {
  const { host, ann, bob } = await two();
  const id = uuid();
  await ann.say("Mine", id);
  await bob.say("His", id);
  const page = new Side(host, 1, ann.store);
  for (const message of [host.messages[1], host.messages[0]]) await page.line.open({ messages: [JSON.parse(JSON.stringify(message))] });
  assert.deepEqual(await page.read(), ["Mine", "His"], "also where the newest is read first");
});

test("a message that the host shows in a second place is not said twice", async () => {
  const { host, ann, bob } = await two();
  await ann.say("Yes");
  await bob.say("Shall I go?");
  const first = JSON.parse(JSON.stringify(host.messages[0]));
  await ann.line.through(`/chats/${CHAT}/messages/1`, { content: "No" }, async (body) => {
    Object.assign(host.messages[0], body);
    return JSON.parse(JSON.stringify(host.messages[0]));
  }, Failure);
  for (const again of [first, host.messages[0]]) {
    const page = new Side(host, 2, bob.store);
    const read = await page.line.open({ messages: JSON.parse(JSON.stringify([...host.messages, { ...again, seq: 3, rev: 3 }])) });
    assert.match(read.messages[2].content, /cannot be opened/u);
  }
});
