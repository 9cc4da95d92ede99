/** A recovery key survives being written down and typed, and a backup opens with it alone. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64url } from "../../porch/static/js/crypto/bytes.js";
import { identitySigner, newIdentity } from "../../porch/static/js/crypto/identity_key.js";
import { verifierFrom } from "../../porch/static/js/crypto/public_keys.js";
import { fromGroups, newRecoveryKey, openBackup, sealBackup, toGroups } from "../../porch/static/js/keys/recovery.js";
import { otherBit } from "./key_factories.js";

/** @param {string} code */
const refused = (code) => ({ name: "Refused", code });

const secret = newRecoveryKey();
const { seed, identity } = await newIdentity();
const KEPT = { identity: toBase64url(seed), epochs: [{ chat: 7, epoch: 0, key: toBase64url(new Uint8Array(32).fill(3)) }] };
const backup = await sealBackup(secret, 1, KEPT);

test("a recovery key comes back as it was, however it is typed", async () => {
  for (let turn = 0; turn < 50; turn += 1) {
    const key = newRecoveryKey();
    const groups = await toGroups(key);
    assert.match(groups, /^([0-9A-HJKMNP-TV-Z]{4} ){13}[0-9A-HJKMNP-TV-Z]{4}$/);
    for (const typed of [groups, groups.toLowerCase(), groups.replaceAll(" ", ""), ` ${groups.replaceAll(" ", " – ")}\n`, groups.replaceAll("1", "l").replaceAll("0", "o"), groups.replaceAll("1", "I")]) {
      assert.deepEqual(await fromGroups(typed), key);
    }
  }
});

test("it is written down as the written rule says", async () => {
  assert.equal(await toGroups(Uint8Array.from({ length: 32 }, (_, at) => at)), "000G 40R4 0M30 E209 185G R38E 1W81 24GK 2GAH C5RR 34D1 P70X 3RFS 9S7C");
});

test("each wrong character, each two that changed places and each missing one are found", async () => {
  const text = (await toGroups(secret)).replaceAll(" ", "");
  for (let at = 0; at < text.length; at += 1) {
    for (const letter of "07AZ") {
      if (letter !== text[at]) await assert.rejects(fromGroups(text.slice(0, at) + letter + text.slice(at + 1)), refused("recovery_checksum"));
    }
    if (at > 0 && text[at] !== text[at - 1]) {
      await assert.rejects(fromGroups(text.slice(0, at - 1) + text[at] + text[at - 1] + text.slice(at + 1)), refused("recovery_checksum"));
    }
    await assert.rejects(fromGroups(text.slice(0, at) + text.slice(at + 1)), refused("recovery_length"));
  }
  for (const strange of ["U", "é", "!", "𝟙"]) await assert.rejects(fromGroups(strange + text.slice(1)), refused("recovery_characters"));
  await assert.rejects(fromGroups(""), refused("recovery_length"));
});

test("a backup opens with its recovery key, for its account, and with nothing else", async () => {
  assert.deepEqual(await openBackup(secret, 1, JSON.parse(JSON.stringify(backup))), KEPT);
  await assert.rejects(openBackup(newRecoveryKey(), 1, backup), refused("key"));
  await assert.rejects(openBackup(secret, 2, backup), refused("key"));
  assert.ok(!JSON.stringify(backup).includes(KEPT.identity));
});

test("where the seed is gone a backup says whose identity key it is", async () => {
  const kept = { public: identity, epochs: [] };
  assert.deepEqual(await openBackup(secret, 1, await sealBackup(secret, 1, kept)), kept);
  await assert.rejects(sealBackup(secret, 1, { ...KEPT, ...kept }), refused("kept"), "it has one of the two");
});

test("a backup of years comes back", async () => {
  const epochs = Array.from({ length: 20_000 }, (_, epoch) => ({ ...KEPT.epochs[0], epoch }));
  assert.deepEqual(await openBackup(secret, 1, await sealBackup(secret, 1, { ...KEPT, epochs })), { ...KEPT, epochs });
});

test("each field of a backup counts", async () => {
  for (const [name, value] of Object.entries(backup)) {
    const changes = typeof value === "number" ? [2, "1"] : name === "kdf" ? ["argon2id", ""] : [otherBit(value), "", `${value}=`, 7];
    for (const change of changes) await assert.rejects(openBackup(secret, 1, { ...backup, [name]: change }), { name: "Refused" });
  }
  await assert.rejects(openBackup(secret, 1, { ...backup, more: 1 }), refused("form"));
  await assert.rejects(openBackup(secret, 1, null), refused("form"));
});

test("what is no backup is not sealed", async () => {
  const [epoch] = KEPT.epochs;
  for (const kept of [{}, { ...KEPT, identity: "x" }, { ...KEPT, more: 1 }, { ...KEPT, epochs: [{ ...epoch, key: "x" }] }, { ...KEPT, epochs: [{ ...epoch, chat: 0 }] }, { ...KEPT, epochs: [null] }]) {
    await assert.rejects(sealBackup(secret, 1, /** @type {any} */ (kept)), refused("kept"));
  }
});

test("the identity key comes back from its seed, and cannot be read out of the key that signs", async () => {
  const signer = await identitySigner(seed);
  const said = new Uint8Array([1, 2, 3]);
  const signed = await crypto.subtle.sign("Ed25519", signer, said);
  assert.ok(await crypto.subtle.verify("Ed25519", await verifierFrom(identity), signed, said));
  await assert.rejects(crypto.subtle.exportKey("pkcs8", signer));
  assert.throws(() => identitySigner(seed.slice(1)), refused("identity"));
});
