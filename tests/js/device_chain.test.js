/** A chain of devices tells who may sign for an account, and takes nothing that somebody else wrote. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { activeDevices, emptyChain, IDENTITY, MOST_ENTRIES, signEntry, verifyChain, withEntry } from "../../porch/static/js/keys/device_chain.js";
import { makeDevice } from "../../porch/static/js/keys/device_keys.js";
import { signature } from "../../porch/static/js/crypto/signed.js";
import { anAccount, otherBit } from "./key_factories.js";

/** @import { Chain, Entry } from "../../porch/static/js/keys/device_chain.js" */

/** @param {string} code */
const refused = (code) => ({ name: "Refused", code });

const ada = await anAccount(7);
const { identity } = ada;
const phone = await makeDevice(7);
const byLaptop = { by: ada.device.dev, signer: ada.device.signing.privateKey, identity, created: 2000 };
const byPhone = { ...byLaptop, by: phone.dev, signer: phone.signing.privateKey };
const byIdentity = { ...byLaptop, by: IDENTITY, signer: ada.root };
const withPhone = await signEntry({ chain: ada.chain, act: "add", device: phone, ...byLaptop });
const withoutLaptop = await signEntry({ chain: withPhone.chain, act: "revoke", device: ada.device, ...byPhone });
const ENTRIES = [...ada.entries, withPhone.entry, withoutLaptop.entry];

/** @param {unknown} entries @param {object} [other] */
const verify = (entries, other = {}) => verifyChain({ user: 7, identity, entries, ...other });
/** @param {Chain} chain */
const names = (chain) => activeDevices(chain).map(({ dev }) => dev);

/** An entry as somebody would write it who signs whatever they like. @param {Entry} entry @param {object} change @param {CryptoKey} signer */
async function forged(entry, change, signer) {
  const { sig: _, ...fields } = { ...entry, ...change };
  return { ...fields, sig: await signature(signer, "porch/v1/device", Object.values(fields)) };
}

test("devices are added by the identity key and by devices, and revoked by others", async () => {
  assert.deepEqual(names(await verify([])), []);
  assert.deepEqual(names(await verify(ENTRIES.slice(0, 1))), [ada.device.dev]);
  assert.deepEqual(names(await verify(ENTRIES.slice(0, 2))), [ada.device.dev, phone.dev].sort());
  const whole = await verify(JSON.parse(JSON.stringify(ENTRIES)));
  assert.deepEqual(names(whole), [phone.dev]);
  assert.deepEqual(whole, withoutLaptop.chain);
});

test("each field of each entry is what was signed", async () => {
  for (const [at, entry] of ENTRIES.entries()) {
    for (const [name, value] of Object.entries(entry)) {
      const changes = typeof value === "number" ? [value + 1, -1, `${value}`, null] : [name === "act" ? (value === "add" ? "revoke" : "add") : otherBit(value), "", `${value}=`, 7];
      for (const change of changes) {
        await assert.rejects(verify(ENTRIES.with(at, /** @type {any} */ ({ ...entry, [name]: change }))), { name: "Refused" }, `${name} of ${at}: ${change}`);
      }
      const { [/** @type {keyof Entry} */ (name)]: _, ...without } = entry;
      await assert.rejects(verify(ENTRIES.with(at, /** @type {any} */ (without))), refused("form"));
    }
    await assert.rejects(verify(ENTRIES.with(at, /** @type {any} */ ({ ...entry, more: 1 }))), refused("form"));
  }
});

test("no entry is missing, twice, or in another place", async () => {
  const [first, second, third] = ENTRIES;
  for (const entries of [[second], [first, third], [first, first], [first, third, second], [second, first]]) await assert.rejects(verify(entries), refused("n"));
  const otherStart = await anAccount(7);
  const renumbered = await forged(second, { prev_hash: otherStart.chain.end?.hash }, ada.device.signing.privateKey);
  await assert.rejects(verify([first, renumbered, third]), refused("prev_hash"));
});

test("a chain of somebody else, or under another identity key, is none of theirs", async () => {
  const mallory = await anAccount(7);
  await assert.rejects(verify(mallory.entries), refused("signature"));
  await assert.rejects(verify(ENTRIES, { user: 8 }), refused("user"));
  await assert.rejects(verify({ length: 0 }), refused("form"));
});

test("the first device is signed by the identity key alone", async () => {
  const entry = await forged(ENTRIES[0], { by: ada.device.dev }, ada.device.signing.privateKey);
  await assert.rejects(verify([entry]), refused("by"));
});

test("a device that is not there, or is revoked, signs nothing", async () => {
  const tablet = await makeDevice(7);
  const byTablet = { ...byLaptop, by: tablet.dev, signer: tablet.signing.privateKey };
  await assert.rejects(signEntry({ chain: ada.chain, act: "add", device: tablet, ...byTablet }), refused("by"));
  await assert.rejects(signEntry({ chain: withoutLaptop.chain, act: "add", device: tablet, ...byLaptop }), refused("by"));
  await assert.rejects(signEntry({ chain: ada.chain, act: "add", device: tablet, ...byLaptop, signer: tablet.signing.privateKey }), refused("signature"));
});

test("the identity key brings an account back that has no device left", async () => {
  const { chain } = await signEntry({ chain: withoutLaptop.chain, act: "revoke", device: phone, ...byIdentity });
  assert.deepEqual(names(chain), []);
  const tablet = await makeDevice(7);
  assert.deepEqual(names((await signEntry({ chain, act: "add", device: tablet, ...byIdentity })).chain), [tablet.dev]);
});

test("what is there is not added, and what is not is not revoked; nobody comes back", async () => {
  await assert.rejects(signEntry({ chain: ada.chain, act: "add", device: ada.device, ...byIdentity }), refused("act"));
  await assert.rejects(signEntry({ chain: ada.chain, act: "revoke", device: phone, ...byIdentity }), refused("act"));
  for (const act of /** @type {const} */ (["add", "revoke"])) {
    await assert.rejects(signEntry({ chain: withoutLaptop.chain, act, device: ada.device, ...byIdentity }), refused("act"));
  }
});

test("nobody has the device of another as one of their own", async () => {
  const mallory = await anAccount(8);
  const how = { chain: mallory.chain, act: /** @type {const} */ ("add"), by: IDENTITY, signer: mallory.root, identity: mallory.identity, created: 1 };
  await assert.rejects(signEntry({ ...how, device: phone }), refused("dev"));
  await assert.rejects(signEntry({ ...how, device: { ...phone, dsk_pub: mallory.device.dsk_pub } }), refused("dev"));
});

test("a chain goes on from the end that was seen, and is never shortened or told anew", async () => {
  const { end: known } = withPhone.chain;
  assert.equal((await verify(ENTRIES, { known })).end?.n, 2);
  await assert.rejects(verify(ENTRIES.slice(0, 1), { known }), refused("rollback"));
  await assert.rejects(verify([], { known }), refused("rollback"));
  const other = await signEntry({ chain: ada.chain, act: "add", device: await makeDevice(7), ...byLaptop });
  await assert.rejects(verify([...ada.entries, other.entry], { known }), refused("rollback"));
});

test("an entry that is refused leaves the chain as it was", async () => {
  const { devices } = await verify(ENTRIES.slice(0, 2));
  const before = [...devices];
  await assert.rejects(withEntry(withPhone.chain, identity, { ...ENTRIES[2], created: 1 }), refused("signature"));
  assert.deepEqual([...devices], before);
});

test("a chain has an end", async () => {
  await assert.rejects(verify(Array(MOST_ENTRIES + 1).fill(ENTRIES[0])), refused("length"));
  const full = { ...emptyChain(7), end: { n: MOST_ENTRIES - 1, hash: ENTRIES[1].prev_hash } };
  await assert.rejects(signEntry({ chain: full, act: "add", device: phone, ...byIdentity }), refused("n"));
});
