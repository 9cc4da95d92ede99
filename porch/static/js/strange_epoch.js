/**
 * Whether the newest epoch of two people is for others than this browser knows them to be: whoever made it may have been shown other keys,
 * for somebody between them. Pure.
 */

import { areOf } from "./epoch_keys.js";

/** @typedef {import("./contacts.js").Known} Known */
/** @typedef {import("./epoch_keys.js").Epoch} Epoch */

/** @param {Epoch[]} epochs from the first on, at least one @param {(Known & {user: number})[]} people both */
export async function isStrange(epochs, people) {
  const newest = epochs[epochs.length - 1];
  const back = returned(epochs);
  if (people.some(({ devices }) => devices.some(({ dev, revoked }) => revoked && back.has(dev)))) return true;
  const members = people.map(({ user, contact, former = [], devices }) => ({
    user,
    identities: [...contact ? [contact.identity] : [], ...former],
    devices: newest.wraps.filter(({ dev }) => devices.some((one) => one.dev === dev)),
  }));
  return !(await areOf(newest, members));
}

/**
 * The devices that the newest is for again, although an earlier one had left them out. One that was shut out never comes back: its chain
 * was kept from whoever made the newest.
 * @param {Epoch[]} epochs
 */
function returned(epochs) {
  /** @type {Set<string>} */
  const gone = new Set();
  /** @type {Set<string>} */
  let before = new Set();
  for (const { wraps } of epochs) {
    const now = new Set(wraps.map(({ dev }) => dev));
    for (const dev of before) if (!now.has(dev)) gone.add(dev);
    before = now;
  }
  return new Set([...before].filter((dev) => gone.has(dev)));
}
