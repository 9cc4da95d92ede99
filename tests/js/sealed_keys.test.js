/** The keys of a sealed room come of its link alone. */

import assert from "node:assert/strict";
import { createHash, hkdfSync } from "node:crypto";
import { test } from "node:test";
import { firstEpochKey, fromFragment, joinToken, newSecret, toFragment } from "../../porch/static/js/crypto/sealed_keys.js";

const SECRET = Uint8Array.from({ length: 32 }, (_, at) => at);
const derived = (/** @type {string} */ info) => Buffer.from(hkdfSync("sha256", SECRET, new Uint8Array(32), info, 32));

test("a secret goes into a link and comes back", () => {
  const secret = newSecret();
  assert.deepEqual(fromFragment(toFragment(secret)), secret);
  assert.equal(toFragment(SECRET), "#k1=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
  assert.notDeepEqual(newSecret(), secret);
});

test("other ends of a link have none", () => {
  for (const fragment of ["", "#", "#m7", "#k2=AAAA", "k1="]) assert.equal(fromFragment(fragment), null);
});

test("a damaged secret is refused", () => {
  const whole = toFragment(SECRET);
  for (const fragment of ["#k1=", whole.slice(0, -1), `${whole}A`, whole.slice(0, -1) + "9", `${whole}=`, `${whole}&x=1`, whole.replace("A", "%")]) {
    assert.throws(() => fromFragment(fragment), { name: "Refused", code: "secret" }, fragment);
  }
  assert.throws(() => toFragment(new Uint8Array(31)), { code: "secret" });
});

test("the token is HKDF of the secret, and the server keeps its SHA-256", async () => {
  const token = derived("porch/v1/join-token");
  assert.deepEqual(await joinToken(SECRET), { token: token.toString("base64url"), hash: createHash("sha256").update(token).digest("base64url") });
  await assert.rejects(joinToken(new Uint8Array(16)), { code: "secret" });
});

test("the first key is HKDF of the secret and cannot be read out", async () => {
  const key = await firstEpochKey(SECRET);
  const same = await crypto.subtle.importKey("raw", derived("porch/v1/epoch/0"), "AES-GCM", false, ["decrypt"]);
  const iv = new Uint8Array(12);
  const ct = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, SECRET);
  assert.deepEqual(new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, same, ct)), SECRET);
  assert.deepEqual([key.extractable, key.algorithm], [false, { name: "AES-GCM", length: 256 }]);
  await assert.rejects(crypto.subtle.exportKey("raw", key));
});
