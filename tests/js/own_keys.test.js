/** An account gets its keys by itself, lets further browsers in, shuts them out, and comes back by its recovery key. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { approve, recover, renewRecovery, revoke } from "../../porch/static/js/keys/approving.js";
import { Contacts } from "../../porch/static/js/keys/contacts.js";
import { deviceCode } from "../../porch/static/js/keys/device_code.js";
import { activeDevices } from "../../porch/static/js/keys/device_chain.js";
import { beginAnew, confirmIdentity, disown, hasKeys, ownKeys, recoverySaved, recoverySecret, refresh, requestApproval } from "../../porch/static/js/keys/own_keys.js";
import { newRecoveryKey } from "../../porch/static/js/keys/recovery.js";
import { recoveryDevice } from "../../porch/static/js/keys/recovery_device.js";
import { Host, suite } from "./host.js";
import { otherBit } from "./key_factories.js";
import { KeyStoreModel } from "./key_store_model.js";

/** @param {string} code */
const refused = (code) => ({ name: "Refused", code });

/** @param {Host} host @param {KeyStoreModel} [store] @param {number} [user] */
function browser(host, store = new KeyStoreModel(), user = 1) {
  return { user, ask: host.asker(user), store: store.asStore, suite };
}

test("the recovery key is a device: the same wherever it is typed, another for everybody else", async () => {
  const secret = newRecoveryKey();
  const [one, again, other, another] = await Promise.all([recoveryDevice(secret, 1), recoveryDevice(secret, 1), recoveryDevice(secret, 2), recoveryDevice(newRecoveryKey(), 1)]);
  assert.equal(one.dev, again.dev);
  assert.equal(new Set([one.dev, other.dev, another.dev]).size, 3);
  assert.equal(one.dsk_pub, other.dsk_pub);
  assert.equal(one.signing.privateKey.extractable || one.sealing.privateKey.extractable, false);
  const words = new Uint8Array(8);
  assert.ok(await crypto.subtle.verify("Ed25519", again.signing.publicKey, await crypto.subtle.sign("Ed25519", one.signing.privateKey, words), words));
  const shared = (/** @type {CryptoKey} */ own, /** @type {CryptoKey} */ theirs) => crypto.subtle.deriveBits({ name: "X25519", public: theirs }, own, 256);
  assert.deepEqual(await shared(one.sealing.privateKey, another.sealing.publicKey), await shared(another.sealing.privateKey, one.sealing.publicKey));
  await assert.rejects(recoveryDevice(new Uint8Array(31), 1), refused("recovery_length"));
});

test("the code of a device says whose it is, and by which identity key", async () => {
  const asking = { user: 1, identity: "A".repeat(43), dev: "B".repeat(42) + "A" };
  const code = await deviceCode(asking);
  assert.match(code, /^\d{4}( \d{4}){5}$/);
  for (const other of [{ user: 2 }, { identity: otherBit(asking.identity) }, { dev: otherBit(asking.dev) }]) assert.notEqual(await deviceCode({ ...asking, ...other }), code);
});

test("first keys are made once, whichever browser is quicker, and the recovery key stays until it was saved", async () => {
  const host = new Host();
  const [first, second] = [new KeyStoreModel(), new KeyStoreModel()];
  const both = await Promise.all([ownKeys(browser(host, first)), ownKeys(browser(host, second))]);
  assert.deepEqual(both.map(({ state }) => state).sort(), ["new", "ready"]);
  const keys = both.find(({ state }) => state === "ready") ?? both[0];
  assert.equal(host.account(1).entries.length, 2);
  const secret = await recoverySecret(keys);
  assert.ok(secret);
  assert.equal((await recoveryDevice(secret, 1)).dev, host.account(1).entries[1].dev);
  assert.equal(await recoverySecret(both.find((one) => one !== keys) ?? keys), null);
  const store = keys.store === first.asStore ? first : second;
  host.asked.length = 0;
  assert.equal(await hasKeys(1, store.asStore), true);
  assert.deepEqual(host.asked, []);
  await recoverySaved(keys);
  assert.equal(await recoverySecret(keys), null);
});

test("a browser is let in by another, and shut out", async () => {
  const host = new Host();
  const old = await ownKeys(browser(host));
  const store = new KeyStoreModel();
  const young = await ownKeys(browser(host, store));
  assert.equal(young.state, "new");
  const { code, device } = await requestApproval(young);
  await refresh(old);
  const [request] = old.told?.requests ?? [];
  assert.equal(await deviceCode({ user: 1, identity: old.contact?.identity ?? "", dev: request.dev }), code);
  await assert.rejects(approve(old, { ...request, dhk_pub: otherBit(request.dhk_pub) }), refused("dev"));
  // Another entry came first: it is signed anew.
  host.before.set("POST /keys/entries", async () => {
    host.before.clear();
    await revoke(await ownKeys(browser(host, /** @type {any} */ (old.store))), host.account(1).entries[1].dev);
  });
  await approve(old, request);
  await refresh(young);
  assert.equal(young.state, "let_in");
  await confirmIdentity(young);
  assert.equal(young.state, "ready");
  assert.equal(host.account(1).requests.length, 0);
  await revoke(young, /** @type {string} */ (old.device?.dev));
  await refresh(old);
  assert.equal(old.state, "new");
  await assert.rejects(approve(old, device), refused("state"));
  assert.notEqual((await requestApproval(old)).device.dev, host.account(1).entries[0].dev);
});

test("the recovery key lets a browser in where none is left, and no other key does", async () => {
  const host = new Host();
  const secret = /** @type {import("../../porch/static/js/crypto/bytes.js").Bytes} */ (await recoverySecret(await ownKeys(browser(host))));
  await assert.rejects(recover(browser(host), newRecoveryKey()), refused("recovery_unknown"));
  const keys = await recover(browser(host), secret);
  assert.equal(keys.state, "ready");
  assert.equal(host.account(1).entries[2].by, host.account(1).entries[1].dev);
  const another = await renewRecovery(keys, secret);
  await assert.rejects(recover(browser(host), secret), refused("recovery_unknown"));
  assert.equal((await recover(browser(host), another)).state, "ready");
  const last = await renewRecovery(keys, null);
  await assert.rejects(recover(browser(host), another), refused("recovery_unknown"));
  assert.equal((await recover(browser(host), last)).state, "ready");
});

test("a host that shows a new browser another identity key is found out by the recovery key", async () => {
  const [host, cheat] = [new Host(), new Host()];
  const keys = await ownKeys(browser(host));
  const secret = /** @type {import("../../porch/static/js/crypto/bytes.js").Bytes} */ (await recoverySecret(keys));
  // It signs the person's own recovery device into a chain of its own.
  const mallory = await ownKeys(browser(cheat));
  await approve(mallory, await recoveryDevice(secret, 1));
  cheat.account(1).backup = host.account(1).backup;
  await assert.rejects(recover(browser(cheat), secret), refused("identity"));
  cheat.account(1).backup = null;
  await assert.rejects(recover(browser(cheat), secret), refused("backup"));
  assert.equal(cheat.account(1).entries.length, 3, "this browser has signed nothing");
  // Nor by a recovery key that was made without the one before.
  const next = await renewRecovery(keys, null);
  await approve(mallory, await recoveryDevice(next, 1));
  cheat.account(1).backup = host.account(1).backup;
  await assert.rejects(recover(browser(cheat), next), refused("identity"));
});

test("a browser that nobody has let in has no keys, whatever the host says", async () => {
  const [host, cheat] = [new Host(), new Host()];
  await ownKeys(browser(host));
  const mallory = await ownKeys(browser(cheat));
  // What the person sees of the new browser is the host's: it lets it in among its own.
  const store = new KeyStoreModel();
  const young = await ownKeys(browser(cheat, store));
  const { device } = await requestApproval(young);
  await approve(mallory, device);
  await refresh(young);
  assert.equal(young.state, "let_in");
  assert.equal(await hasKeys(1, store.asStore), false);
  await disown(young);
  assert.equal(young.state, "new");
  assert.notEqual((await requestApproval(young)).device.dev, device.dev);
});

test("an answer that got lost while first keys were made costs no question", async () => {
  const host = new Host();
  const store = new KeyStoreModel();
  const where = browser(host, store);
  const lost = { ...where, ask: async (/** @type {any} */ method, /** @type {string} */ path, /** @type {any} */ body) => {
    const told = await where.ask(method, path, body);
    if (method === "POST") throw Object.assign(new Error("lost"), { status: 0 });
    return told;
  } };
  await assert.rejects(ownKeys(lost), { status: 0 });
  assert.equal((await ownKeys(where)).state, "ready");
  assert.equal(await hasKeys(1, store.asStore), true);
});

test("keys that are gone or others than one's own are not made again by themselves", async () => {
  const host = new Host();
  const store = new KeyStoreModel();
  await ownKeys(browser(host, store));
  const { identity, entries } = host.account(1);
  host.account(1).entries = entries.slice(0, 1);
  assert.equal((await ownKeys(browser(host, store))).state, "changed", "an entry was taken back");
  Object.assign(host.account(1), { identity: null, entries: [] });
  const gone = await ownKeys(browser(host, store));
  assert.equal(gone.state, "gone");
  assert.equal(host.account(1).identity, null);
  const other = new KeyStoreModel();
  other.kept = new Map([...store.kept].filter(([name]) => !name.startsWith("device")));
  await beginAnew(gone);
  assert.equal(gone.state, "ready");
  assert.notEqual(host.account(1).identity, identity);
  const old = await ownKeys(browser(host, other));
  assert.equal(old.state, "changed");
  await new Contacts(other.asStore, 1).accept(1, /** @type {string} */ (old.contact?.changed));
  const young = await ownKeys(browser(host, other));
  assert.equal(young.state, "new");
  await approve(gone, (await requestApproval(young)).device);
  await refresh(young);
  assert.equal(young.state, "let_in", "the keys are new to it");
});

test("what is known of a contact is never forgotten, and a chain never goes back", async () => {
  const host = new Host();
  await ownKeys(browser(host, new KeyStoreModel(), 2));
  const store = new KeyStoreModel();
  const contacts = new Contacts(store.asStore, 1);
  const told = () => ({ user_id: 2, identity: host.account(2).identity, entries: host.account(2).entries });
  assert.equal((await contacts.see({ user_id: 2, identity: null, entries: [] })).contact, null);
  const { chain, contact } = await contacts.see(told());
  assert.equal(chain && activeDevices(chain).length, 2);
  assert.equal(contact?.verified, false);
  await assert.rejects(contacts.see({ ...told(), entries: told().entries.slice(0, 1) }), refused("rollback"));
  await assert.rejects(contacts.see({ ...told(), entries: [] }), refused("rollback"));
  await assert.rejects(new Contacts(new KeyStoreModel().asStore, 1).see({ ...told(), entries: [] }), refused("entries"));
  assert.equal((await contacts.see({ user_id: 2, identity: null, entries: [] })).devices.length, 2);
  await contacts.verify(2, /** @type {string} */ (contact?.identity));
  const before = told();
  Object.assign(host.account(2), { identity: null, entries: [] });
  await ownKeys(browser(host, new KeyStoreModel(), 2));
  const swapped = await contacts.see(told());
  assert.deepEqual([swapped.chain, swapped.contact?.identity, swapped.contact?.changed], [null, before.identity, told().identity]);
  await contacts.accept(2, /** @type {string} */ (told().identity));
  const after = await contacts.see(told());
  assert.equal(after.devices.length, 4, "what the old devices signed stays readable");
  assert.equal(after.contact?.verified, false);
  // Two tabs at once lose nothing.
  await Promise.all([contacts.verify(2, /** @type {string} */ (told().identity)), contacts.see(told()), contacts.see(told())]);
  assert.equal((await contacts.get(2))?.verified, true);
});
