/** Prints what two accounts sign and seal with the modules of the page, for whoever holds a server against it. */

import { emptyChain, IDENTITY, activeDevices, signEntry } from "../../porch/static/js/keys/device_chain.js";
import { makeDevice } from "../../porch/static/js/keys/device_keys.js";
import { sealMessage } from "../../porch/static/js/crypto/envelope.js";
import { NO_HASH } from "../../porch/static/js/crypto/fields.js";
import { messageKey, newEpoch } from "../../porch/static/js/keys/epoch_keys.js";
import { hpkeSuite } from "../../porch/static/js/crypto/hpke.js";
import { identitySigner, newIdentity } from "../../porch/static/js/crypto/identity_key.js";
import { verifierFrom } from "../../porch/static/js/crypto/public_keys.js";
import { newRecoveryKey, sealBackup } from "../../porch/static/js/keys/recovery.js";
import { toBase64url } from "../../porch/static/js/crypto/bytes.js";
import * as library from "../../porch/static/vendor/hpke.js";

const [ann, bob, chat] = process.argv.slice(2, 5).map(Number);
const suite = hpkeSuite(/** @type {any} */ (library));

/** @param {number} user */
async function account(user) {
  const { seed, identity: text } = await newIdentity();
  const [identity, root] = await Promise.all([verifierFrom(text), identitySigner(seed)]);
  const [device, recovery, phone] = await Promise.all([makeDevice(user), makeDevice(user), makeDevice(user)]);
  const by = { created: Date.now(), by: IDENTITY, signer: root, identity };
  const one = await signEntry({ chain: emptyChain(user), act: "add", device, ...by });
  const two = await signEntry({ chain: one.chain, act: "add", device: recovery, ...by });
  const three = await signEntry({ chain: two.chain, act: "add", device: phone, ...by, by: device.dev, signer: device.signing.privateKey });
  const backup = await sealBackup(newRecoveryKey(), user, { identity: toBase64url(seed), epochs: [] });
  const sent = { first: { identity: text, entries: [one.entry, two.entry], backup }, next: { entry: three.entry } };
  return { sent, device, member: { user, identity: text, end: three.chain.end?.hash ?? "", devices: activeDevices(three.chain) } };
}

const both = await Promise.all([account(ann), account(bob)]);
const device = both[0].device;
const by = { dev: device.dev, signer: device.signing.privateKey };
const members = both.map(({ member }) => member);
const first = await newEpoch({ suite, chat, members, by, before: null });
const second = await newEpoch({ suite, chat, members, by, before: first.before });
const head = { chat, epoch: 1, client_id: process.argv[5], dev: device.dev, ctr: 1, seen_seq: 0, seen_hash: NO_HASH };
const envelope = await sealMessage({ key: await messageKey(second.key), signer: by.signer, head, plain: { text: "Hello" } });
console.log(JSON.stringify({ keys: both.map(({ sent }) => sent), epochs: [first.epoch, second.epoch], envelope }));
