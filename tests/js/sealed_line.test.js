/** Between the page of a sealed room, its host and the others who have the link: nobody takes from the log what somebody said. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBytes, toBase64url } from "../../porch/static/js/crypto/bytes.js";
import { sealMessage } from "../../porch/static/js/crypto/envelope.js";
import { NO_HASH } from "../../porch/static/js/crypto/fields.js";
import { SealedLine } from "../../porch/static/js/encrypted_chats/sealed_line.js";
import { messageKey } from "../../porch/static/js/keys/epoch_keys.js";

const CHAT = 7;
const ID = "0e6f2f0e-5d1c-4a53-9d3b-000000000001";
const key = await messageKey(randomBytes(32));

/** What somebody's browser sends. @param {number} user @param {string} text */
async function said(user, text) {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]));
  const dev = toBase64url(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const head = { chat: CHAT, epoch: 0, client_id: ID, dev, ctr: 1, seen_seq: 0, seen_hash: NO_HASH };
  return { user_id: user, client_id: ID, envelope: await sealMessage({ key, signer: pair.privateKey, head, plain: { text } }) };
}

/** What a page shows that is told of these one after another, each with its place. @param {[number, object][]} log */
async function shown(log) {
  const line = new SealedLine({ chatId: CHAT, userId: 9, ask: async () => null, store: null, key, renewed: () => {} });
  const texts = [];
  for (const [seq, message] of log) {
    const told = { chat_id: CHAT, seq, rev: seq, username: "Somebody", content: "", deleted: false, ...JSON.parse(JSON.stringify(message)) };
    texts.push((await line.open({ messages: [told] })).messages[0].content);
  }
  return texts;
}

test("what somebody said is read, whoever takes its client_id, or sends the same again", async () => {
  const [ann, bob] = [await said(1, "Ann's"), await said(2, "Bob's")];
  assert.deepEqual(await shown([[1, ann], [2, bob]]), ["Ann's", "Bob's"]);
  assert.deepEqual(await shown([[2, bob], [1, ann]]), ["Bob's", "Ann's"]);
  const copy = { ...ann, user_id: 2 };
  assert.equal((await shown([[2, copy], [1, ann]]))[1], "Ann's");
  const [first, second] = await shown([[1, ann], [2, copy]]);
  assert.equal(first, "Ann's");
  assert.match(second, /cannot be opened/u);
});

test("what stands in two places is said in one", async () => {
  const ann = await said(1, "Ann's");
  assert.match((await shown([[1, ann], [2, ann]]))[1], /cannot be opened/u);
  assert.match((await shown([[2, ann], [1, ann]]))[1], /cannot be opened/u);
});
