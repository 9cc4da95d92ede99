/** The key of an epoch reaches each device of its members, and nobody else. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64url, toUtf8 } from "../../porch/static/js/crypto/bytes.js";
import { activeDevices, signEntry } from "../../porch/static/js/keys/device_chain.js";
import { makeDevice } from "../../porch/static/js/keys/device_keys.js";
import { openMessage, sealMessage } from "../../porch/static/js/crypto/envelope.js";
import { NO_HASH } from "../../porch/static/js/crypto/fields.js";
import { beganAt, epochHash, isFor, LONGEST, messageKey, MOST_MESSAGES, newEpoch, newEpochBecause, openEpoch, SHORTEST } from "../../porch/static/js/keys/epoch_keys.js";
import { hpkeSuite, sealTo } from "../../porch/static/js/crypto/hpke.js";
import { signature } from "../../porch/static/js/crypto/signed.js";
import * as library from "../../porch/static/vendor/hpke.js";
import { anAccount, otherBit } from "./key_factories.js";

/** @import { Epoch, Wrap } from "../../porch/static/js/keys/epoch_keys.js" */

/** @param {string} code */
const refused = (code) => ({ name: "Refused", code });

const suite = hpkeSuite(/** @type {any} */ (library));
const [ada, bo] = await Promise.all([anAccount(1), anAccount(2)]);
const phone = await makeDevice(2);
const boWithPhone = await signEntry({ chain: bo.chain, act: "add", device: phone, created: 1, by: bo.device.dev, signer: bo.device.signing.privateKey, identity: bo.identity });
/** @param {typeof ada} account @param {typeof ada.chain} [chain] */
const member = ({ user, text }, chain = ada.chain) => ({ user, identity: text, end: chain.end?.hash ?? "", devices: activeDevices(chain) });
const MEMBERS = [member(ada, ada.chain), member(bo, boWithPhone.chain)];
const BY = { dev: ada.device.dev, signer: ada.device.signing.privateKey };
const verifier = ada.device.signing.publicKey;

const first = await newEpoch({ suite, chat: 7, members: MEMBERS, by: BY, before: null });
const EXPECTED = { chat: 7, by_dev: ada.device.dev, before: null };
/** @param {unknown} epoch @param {object} [other] */
const open = (epoch, other = {}) => openEpoch({ suite, epoch, own: bo.device, verifier, expected: EXPECTED, ...other });

test("every device of every member opens the same key", async () => {
  for (const own of [ada.device, bo.device, phone]) {
    const opened = await open(JSON.parse(JSON.stringify(first.epoch)), { own });
    assert.deepEqual(opened, { key: first.key, before: first.before });
  }
  assert.equal(first.epoch.wraps.length, 3);
  assert.equal(first.before.hash, await epochHash(first.epoch));
  assert.ok(!JSON.stringify(first.epoch).includes(Buffer.from(first.key).toString("base64url")));
});

test("a message goes from one member to the other in the key of the epoch", async () => {
  const head = { chat: 7, epoch: 0, client_id: "0e6f2f0e-5d1c-4a53-9d3b-0c0f0b6f6a11", dev: ada.device.dev, ctr: 1, seen_seq: 0, seen_hash: NO_HASH };
  const envelope = await sealMessage({ key: await messageKey(first.key), signer: BY.signer, head, plain: { text: "Hello." } });
  const key = await messageKey((await open(first.epoch)).key);
  assert.deepEqual(await openMessage({ key, verifier, envelope, expected: { chat: 7, epoch: 0, dev: ada.device.dev } }), { text: "Hello." });
  assert.equal(key.extractable, false);
});

test("a member who was removed does not open the next epoch", async () => {
  const next = await newEpoch({ suite, chat: 7, members: [MEMBERS[0], member(bo, bo.chain)], by: BY, before: first.before });
  assert.equal(next.epoch.epoch, 1);
  assert.notDeepEqual(next.key, first.key);
  await open(next.epoch, { expected: { ...EXPECTED, before: first.before } });
  await assert.rejects(open(next.epoch, { expected: { ...EXPECTED, before: first.before }, own: phone }), refused("missing"));
  const stolen = { ...phone, dev: bo.device.dev };
  await assert.rejects(open(next.epoch, { expected: { ...EXPECTED, before: first.before }, own: stolen }), refused("wrap"));
});

test("each field of an epoch is what was signed", async () => {
  const { epoch } = first;
  for (const [name, value] of Object.entries(epoch)) {
    const changes = typeof value === "number" ? [value + 1, -1, `${value}`] : typeof value === "string" ? [otherBit(value), "", `${value}=`, 7] : [[], {}, null, value.slice(1), [...value].reverse(), [...value, value[0]]];
    for (const change of changes) await assert.rejects(open({ ...epoch, [name]: change }), { name: "Refused" }, `${name}: ${change}`);
    const { [/** @type {keyof Epoch} */ (name)]: _, ...without } = epoch;
    await assert.rejects(open(without), refused("form"));
  }
  await assert.rejects(open({ ...epoch, more: 1 }), refused("form"));
  for (const [at, wrap] of epoch.wraps.entries()) {
    for (const [name, value] of Object.entries(wrap)) {
      for (const change of [otherBit(value), "", 7]) await assert.rejects(open({ ...epoch, wraps: epoch.wraps.with(at, /** @type {any} */ ({ ...wrap, [name]: change })) }), { name: "Refused" });
    }
    await assert.rejects(open({ ...epoch, wraps: epoch.wraps.with(at, /** @type {any} */ ({ ...wrap, more: 1 })) }), refused("form"));
  }
  for (const [at, one] of epoch.members.entries()) {
    for (const [name, change] of /** @type {[string, unknown][]} */ ([["user", one.user + 2], ["user", "1"], ["identity", otherBit(one.identity)], ["identity", ""], ["end", otherBit(one.end)], ["end", null], ["more", 1]])) {
      await assert.rejects(open({ ...epoch, members: epoch.members.with(at, /** @type {any} */ ({ ...one, [name]: change })) }), { name: "Refused" }, `${name}: ${change}`);
    }
  }
});

test("an epoch is not taken for another room's, another maker's, or out of its turn", async () => {
  await assert.rejects(open(first.epoch, { expected: { ...EXPECTED, chat: 8 } }), refused("chat"));
  await assert.rejects(open(first.epoch, { expected: { ...EXPECTED, by_dev: bo.device.dev } }), refused("by_dev"));
  await assert.rejects(open(first.epoch, { verifier: bo.device.signing.publicKey }), refused("signature"));
  await assert.rejects(open(first.epoch, { expected: { ...EXPECTED, before: first.before } }), refused("epoch"));
  const next = await newEpoch({ suite, chat: 7, members: MEMBERS, by: BY, before: first.before });
  await assert.rejects(open(next.epoch), refused("epoch"));
  const fork = { epoch: 0, hash: otherBit(first.before.hash) };
  await assert.rejects(open(next.epoch, { expected: { ...EXPECTED, before: fork } }), refused("prev_epoch_hash"));
});

test("a wrap that was put elsewhere does not open, whoever signs it there", async () => {
  const other = await newEpoch({ suite, chat: 8, members: MEMBERS, by: BY, before: null });
  const epoch = await signedAgain(other.epoch, first.epoch.wraps);
  await assert.rejects(open(epoch, { expected: { ...EXPECTED, chat: 8 } }), refused("wrap"));
});

test("members and wraps have one order, and each stands there once, whoever signs others", async () => {
  const { members, wraps } = first.epoch;
  assert.ok(await open(await signedAgain(first.epoch, wraps)));
  for (const others of [wraps.toReversed(), [...wraps, wraps[2]], []]) await assert.rejects(open(await signedAgain(first.epoch, others)), refused("wraps"));
  for (const others of [members.toReversed(), [...members, members[1]], []]) await assert.rejects(open(await signedAgain({ ...first.epoch, members: others }, wraps)), refused("members"));
});

test("a wrap opens among the members for whom it was made, whoever names others", async () => {
  const { members, wraps } = first.epoch;
  const others = members.with(1, { ...members[1], end: ada.chain.end?.hash ?? "" });
  await assert.rejects(open(await signedAgain({ ...first.epoch, members: others }, wraps)), refused("wrap"));
});

test("no device takes another key than the rest have, whoever signs it", async () => {
  const { wraps, sig_dsk: _, ...head } = first.epoch;
  const info = toUtf8(`porch/v1/wrap\0${JSON.stringify([...headValues(head), bo.device.dev])}`);
  const { enc, ct } = await sealTo(suite, bo.device.sealing.publicKey, info, new Uint8Array(32));
  const others = wraps.map((wrap) => (wrap.dev === bo.device.dev ? { ...wrap, enc: toBase64url(enc), ct: toBase64url(ct) } : wrap));
  await assert.rejects(open(await signedAgain(first.epoch, others)), refused("key_hash"));
});

/** @param {Omit<Epoch, "wraps" | "sig_dsk">} head in the order of the table in docs/encryption.md */
function headValues(head) {
  return Object.values({ ...head, members: head.members.map(({ user, identity, end }) => [user, identity, end]) });
}

/** An epoch with other wraps, as its maker could sign it. @param {Epoch} epoch @param {Wrap[]} wraps */
async function signedAgain({ wraps: _, sig_dsk: __, ...head }, wraps) {
  const values = [...headValues(head), wraps.map(({ dev, enc, ct }) => [dev, enc, ct])];
  return { ...head, wraps, sig_dsk: await signature(BY.signer, "porch/v1/epoch", values) };
}

test("an epoch for other people than those who are there is found out", async () => {
  assert.ok(isFor(first.epoch, MEMBERS));
  assert.ok(isFor(first.epoch, [...MEMBERS].reverse()));
  const mallory = await anAccount(3);
  for (const members of [[MEMBERS[0]], [...MEMBERS, member(mallory, mallory.chain)], [MEMBERS[0], member(bo, bo.chain)], [MEMBERS[0], { ...MEMBERS[1], identity: mallory.text }], []]) {
    assert.equal(isFor(first.epoch, members), false);
  }
  assert.equal(isFor({ ...first.epoch, wraps: first.epoch.wraps.slice(1) }, MEMBERS), false);
  assert.equal(isFor({ ...first.epoch, by_dev: mallory.device.dev }, MEMBERS), false);
});

test("an epoch that is heard of lasts some days, whatever the host says of its age", () => {
  const now = Date.parse("2030-01-08T00:00:00Z");
  assert.equal(beganAt("2030-01-06T00:00:00Z", now), Date.parse("2030-01-06T00:00:00Z"));
  for (const told of ["2030-01-01T00:00:00Z", "1971-01-01T00:00:00Z"]) assert.equal(beganAt(told, now), now - LONGEST + SHORTEST);
  for (const told of ["2031-01-01T00:00:00Z", "soon"]) assert.equal(beganAt(told, now), now);
});

test("a device that came and went leaves the epoch behind, though the devices are the same again", async () => {
  const tablet = await makeDevice(2);
  const by = { created: 2, by: phone.dev, signer: phone.signing.privateKey, identity: bo.identity, device: tablet };
  const { chain } = await signEntry({ chain: boWithPhone.chain, act: "add", ...by });
  const again = await signEntry({ chain, act: "revoke", ...by });
  assert.deepEqual(activeDevices(again.chain), MEMBERS[1].devices);
  assert.equal(newEpochBecause({ epoch: first.epoch, members: [MEMBERS[0], member(bo, again.chain)], began: 1000, messages: 0, now: 2000 }), "members");
});

test("an epoch is made by one of its members, for somebody, and for each once", async () => {
  const make = (/** @type {object} */ other) => newEpoch({ suite, chat: 7, members: MEMBERS, by: BY, before: null, ...other });
  await assert.rejects(make({ members: [MEMBERS[1]] }), refused("by_dev"));
  await assert.rejects(make({ members: [] }), refused("members"));
  await assert.rejects(make({ members: [...MEMBERS, MEMBERS[0]] }), refused("members"));
  await assert.rejects(make({ members: [MEMBERS[0], { ...MEMBERS[1], devices: MEMBERS[0].devices }] }), refused("members"));
  await assert.rejects(make({ chat: 0 }), refused("chat"));
});

test("a new epoch begins when somebody or a device comes or goes, with time and with messages", async () => {
  const state = { epoch: first.epoch, members: MEMBERS, began: 1000, messages: 0, now: 2000 };
  assert.equal(newEpochBecause(state), null);
  assert.equal(newEpochBecause({ ...state, members: [MEMBERS[0], member(bo, bo.chain)] }), "members");
  assert.equal(newEpochBecause({ ...state, now: 1000 + LONGEST - 1 }), null);
  assert.equal(newEpochBecause({ ...state, now: 1000 + LONGEST }), "age");
  assert.equal(newEpochBecause({ ...state, now: 999 }), "age");
  assert.equal(newEpochBecause({ ...state, messages: MOST_MESSAGES - 1 }), null);
  assert.equal(newEpochBecause({ ...state, messages: MOST_MESSAGES }), "messages");
});
