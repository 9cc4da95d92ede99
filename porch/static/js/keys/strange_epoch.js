/**
 * What the epochs of two people say of their chains of devices, held against what this browser knows of them: whether somebody was shown
 * other keys, or is kept from hearing who was shut out. Pure.
 */

import { isFor } from "./epoch_keys.js";

/** @typedef {import("./contacts.js").Known} Known */
/** @typedef {import("./epoch_keys.js").Epoch} Epoch */
/** @typedef {Known & {user: number}} Person */

/**
 * Whether the newest epoch is for others than this browser knows the two to be, or whoever made it has not heard of an entry that an earlier
 * one says was there; or this browser has not.
 * @param {Epoch[]} epochs from the first on, at least one @param {Person[]} people both
 */
export function isStrange(epochs, people) {
  const newest = epochs[epochs.length - 1];
  const members = people.flatMap((person) => memberOf(newest, person));
  return !isFor(newest, members) || people.some((person) => goesBack(epochs, person)) || isWithheld(epochs, people);
}

/**
 * Whether an epoch, made by one of these people, says that somebody's chain has an entry which this browser was not told of. What is locked for
 * the devices that it knows may be for one too many.
 * @param {Epoch[]} epochs @param {Person[]} people
 */
export function isWithheld(epochs, people) {
  const devices = new Set(people.flatMap((person) => person.devices.map(({ dev }) => dev)));
  const theirs = epochs.filter(({ by_dev }) => devices.has(by_dev));
  return people.some((person) => endsIn(theirs, person).includes(-1));
}

/**
 * Somebody as an epoch names them, with the devices that they had then, once or not at all: where this browser knows them otherwise. Of an identity
 * key from before, whose chain nobody tells any more, and where no chain was told yet, it is known only which devices were ever theirs.
 * @param {Epoch} epoch @param {Person} person @returns {(import("./epoch_keys.js").Named & {devices: {dev: string}[]})[]}
 */
function memberOf({ members, wraps }, { user, contact, chain, former = [], devices }) {
  const named = members.find((one) => one.user === user);
  const isCurrent = named?.identity === contact?.identity;
  if (!named || (!isCurrent && !former.includes(named.identity))) return [];
  if (isCurrent && chain) return chain.steps.filter(({ hash }) => hash === named.end).map(({ active }) => ({ ...named, devices: active }));
  return [{ ...named, devices: wraps.filter(({ dev }) => devices.some((one) => one.dev === dev)) }];
}

/** Whether the newest epoch stops at an earlier entry of somebody's chain than one before it. @param {Epoch[]} epochs @param {Person} person */
function goesBack(epochs, person) {
  const [newest] = endsIn(epochs.slice(-1), person);
  const before = Math.max(-1, ...endsIn(epochs, person));
  return newest === undefined ? before >= 0 : newest < before;
}

/**
 * At which entry of a person's chain each epoch stops that is for the identity key they have now; -1 for one that the chain does not hold.
 * Nothing where no chain is known.
 * @param {Epoch[]} epochs @param {Person} person
 */
function endsIn(epochs, { user, contact, chain }) {
  if (!chain) return [];
  const named = epochs.flatMap(({ members }) => members.filter((one) => one.user === user && one.identity === contact?.identity));
  return named.map(({ end }) => chain.steps.findIndex(({ hash }) => hash === end));
}
