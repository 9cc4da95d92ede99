/** What epochs say of two chains of devices is held against what a browser knows of them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { signEntry } from "../../porch/static/js/keys/device_chain.js";
import { makeDevice } from "../../porch/static/js/keys/device_keys.js";
import { isStrange, isWithheld } from "../../porch/static/js/keys/strange_epoch.js";
import { anAccount, otherBit } from "./key_factories.js";

/** @import { Epoch } from "../../porch/static/js/keys/epoch_keys.js" */

const [ada, bo, beforeAda] = await Promise.all([anAccount(1), anAccount(2), anAccount(1)]);
const phone = await makeDevice(2);
const by = { created: 1, by: bo.device.dev, signer: bo.device.signing.privateKey, identity: bo.identity, device: phone };
const added = await signEntry({ chain: bo.chain, act: "add", ...by });
const { chain } = await signEntry({ chain: added.chain, act: "revoke", ...by });
const [ALONE, WITH_PHONE, AGAIN] = chain.steps;

/** @param {typeof ada} account @param {object} [other] */
function person({ user, text, chain: known }, other = {}) {
  return { user, contact: /** @type {any} */ ({ user, identity: text }), chain: known, devices: [...known.devices.values()], ...other };
}
const BO = person(bo, { chain, devices: [...chain.devices.values()] });
const BOTH = [person(ada), BO];

/** An epoch by Ada's browser, as far as it says for whom it is. @param {{hash: string, active: {dev: string}[]}} step of Bo's chain @param {object} [other] @returns {Epoch} */
function epoch({ hash, active }, other = {}) {
  const members = [{ user: 1, identity: ada.text, end: ada.chain.end?.hash }, { user: 2, identity: bo.text, end: hash }];
  const wraps = [ada.device, ...active].map(({ dev }) => ({ dev })).sort((one, next) => (one.dev < next.dev ? -1 : 1));
  return /** @type {any} */ ({ members, wraps, by_dev: ada.device.dev, ...other });
}

test("who shares a chain with an epoch is no stranger, wherever it stops", () => {
  for (const epochs of [[epoch(ALONE)], [epoch(WITH_PHONE)], [epoch(AGAIN)], [epoch(ALONE), epoch(WITH_PHONE), epoch(AGAIN)], [epoch(AGAIN), epoch(AGAIN)]]) {
    assert.deepEqual([isStrange(epochs, BOTH), isWithheld(epochs, BOTH)], [false, false]);
  }
});

test("an epoch that stops before an earlier one did is strange, with the devices of then or of now", () => {
  for (const last of [epoch(ALONE), epoch(WITH_PHONE)]) assert.equal(isStrange([epoch(ALONE), epoch(AGAIN), last], BOTH), true);
  assert.equal(isStrange([epoch(AGAIN), epoch(ALONE), epoch(AGAIN)], BOTH), false, "what was wrong in between is over");
});

test("an epoch is for the devices that there were where it stops, and for no others", () => {
  assert.equal(isStrange([epoch({ ...ALONE, active: WITH_PHONE.active })], BOTH), true);
  assert.equal(isStrange([epoch({ ...AGAIN, active: WITH_PHONE.active })], BOTH), true);
  assert.equal(isStrange([epoch({ ...WITH_PHONE, active: ALONE.active })], BOTH), true);
  assert.equal(isStrange([epoch(AGAIN, { by_dev: phone.dev })], BOTH), true);
  const three = epoch(AGAIN);
  three.members = [...three.members, { ...three.members[1], user: 3 }];
  assert.equal(isStrange([three], BOTH), true);
  assert.equal(isStrange([{ ...three, members: three.members.slice(0, 1) }], BOTH), true);
});

test("an entry that one of the two has heard of, and this browser has not, is withheld", () => {
  const unknown = epoch({ hash: otherBit(AGAIN.hash), active: ALONE.active });
  for (const epochs of [[unknown], [unknown, epoch(AGAIN)]]) assert.deepEqual([isStrange(epochs, BOTH), isWithheld(epochs, BOTH)], [true, true]);
  const behind = [BOTH[0], { ...BO, chain: added.chain }];
  assert.deepEqual([isStrange([epoch(AGAIN)], behind), isWithheld([epoch(AGAIN)], behind)], [true, true]);
  // Anybody may say so.
  const byNobody = { ...unknown, by_dev: otherBit(ada.device.dev) };
  assert.deepEqual([isStrange([byNobody, epoch(AGAIN)], BOTH), isWithheld([byNobody, epoch(AGAIN)], BOTH)], [false, false]);
  assert.equal(isStrange([byNobody], BOTH), true);
});

test("of keys from before, and where no chain was told, the devices are those that were ever believed", () => {
  const before = { ...epoch(ALONE), members: [{ user: 1, identity: beforeAda.text, end: beforeAda.chain.end?.hash ?? "" }, epoch(ALONE).members[1]] };
  const old = { ...before, by_dev: beforeAda.device.dev, wraps: [beforeAda.device, ...ALONE.active].map(({ dev }) => ({ dev, enc: "", ct: "" })).sort((one, next) => (one.dev < next.dev ? -1 : 1)) };
  const anew = person(ada, { former: [beforeAda.text], devices: [...ada.chain.devices.values(), ...beforeAda.chain.devices.values()] });
  assert.equal(isStrange([old], [anew, BO]), false);
  assert.equal(isStrange([old], BOTH), true, "a key that was never theirs");
  assert.equal(isStrange([epoch(ALONE), old], [anew, BO]), true, "nobody goes back to it");
  assert.equal(isStrange([old, epoch(ALONE)], [anew, BO]), false);
  const untold = [BOTH[0], { ...BO, chain: null }];
  assert.deepEqual([isStrange([epoch(WITH_PHONE)], untold), isWithheld([epoch(WITH_PHONE)], untold)], [false, false]);
  assert.equal(isStrange([epoch(WITH_PHONE)], [BOTH[0], { ...BO, chain: null, devices: [...bo.chain.devices.values()] }]), true);
});
