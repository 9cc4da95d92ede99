/** A share gives one device the key of one epoch, and no other key to anybody. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { activeDevices } from "../../porch/static/js/keys/device_chain.js";
import { makeDevice } from "../../porch/static/js/keys/device_keys.js";
import { newEpoch } from "../../porch/static/js/keys/epoch_keys.js";
import { openShare, sealShare } from "../../porch/static/js/keys/shares.js";
import { suite as loading } from "./host.js";
import { anAccount, otherBit } from "./key_factories.js";

/** @param {string} code */
const refused = (code) => ({ name: "Refused", code });

const suite = await loading();
const ada = await anAccount(1);
const [phone, other] = await Promise.all([makeDevice(1), makeDevice(1)]);
const members = [{ user: 1, identity: ada.text, end: ada.chain.end?.hash ?? "", devices: activeDevices(ada.chain) }];
const by = { dev: ada.device.dev, signer: ada.device.signing.privateKey };
const first = await newEpoch({ suite, chat: 7, members, by, before: null });
const second = await newEpoch({ suite, chat: 7, members, by, before: first.before });
const share = await sealShare(suite, first.epoch, first.key, phone);

test("a device that came later opens an epoch that is over", async () => {
  assert.deepEqual(await openShare(suite, first.epoch, JSON.parse(JSON.stringify(share)), phone), first.key);
});

test("a share is for one device and one epoch", async () => {
  await assert.rejects(openShare(suite, first.epoch, share, other), refused("wrap"));
  await assert.rejects(openShare(suite, first.epoch, share, { ...other, dev: phone.dev }), refused("wrap"));
  await assert.rejects(openShare(suite, second.epoch, share, phone), refused("epoch"));
  await assert.rejects(openShare(suite, second.epoch, { ...share, epoch: 1 }, phone), refused("wrap"));
  await assert.rejects(openShare(suite, { ...first.epoch, chat: 8 }, share, phone), refused("wrap"));
  const [one] = first.epoch.members;
  await assert.rejects(openShare(suite, { ...first.epoch, members: [{ ...one, end: otherBit(one.end) }] }, share, phone), refused("wrap"));
});

test("another key than the one that was signed is neither given nor taken", async () => {
  await assert.rejects(sealShare(suite, first.epoch, second.key, phone), refused("key_hash"));
  // Sealed for this place by somebody who has another key.
  const forged = await sealShare(suite, { ...first.epoch, key_hash: second.epoch.key_hash }, second.key, phone);
  await assert.rejects(openShare(suite, first.epoch, forged, phone), { name: "Refused" });
});

test("each field of a share has its form", async () => {
  for (const [name, value] of Object.entries(share)) {
    for (const change of typeof value === "number" ? [1, -1, "0"] : [otherBit(String(value)), "", `${value}=`, 7]) {
      await assert.rejects(openShare(suite, first.epoch, { ...share, [name]: change }, phone), { name: "Refused" }, `${name}: ${change}`);
    }
  }
  await assert.rejects(openShare(suite, first.epoch, { ...share, more: 1 }, phone), refused("form"));
  await assert.rejects(openShare(suite, first.epoch, null, phone), refused("form"));
});
