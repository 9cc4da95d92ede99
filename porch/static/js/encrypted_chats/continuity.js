/**
 * Whether a log that was read from its beginning is whole, and the same that its writers saw: each message of a device has the next
 * number, and names the newest one that the device had seen. Pure.
 */

/**
 * @typedef {object} Heard what an opened message tells
 * @property {number} seq
 * @property {number} user who wrote it
 * @property {string} client_id
 * @property {number} epoch
 * @property {string} dev
 * @property {number} ctr
 * @property {number} seen_seq
 * @property {string} seen_hash
 * @property {string} hash of this envelope
 * @property {boolean} edited
 * @property {{dev: string, ctr: number}[]} was the numbers of its earlier versions
 * @property {number[]} unused numbers of `dev` that may never have arrived
 */
/** @typedef {{missing: number[], differing: number[]}} Problems people whose messages are missing; people who saw another history */

/** A number above all that a device could have reached is a mistake or a trick; it is not counted up to. */
const MOST_NUMBERS = 10_000_000;

export class Continuity {
  constructor() {
    /** From this place on the log was read whole, up to its end. */
    this.low = Infinity;
    /** The newest version of each message. @type {Map<number, Heard>} by seq */
    this.messages = new Map();
    /** All versions of a message that were seen. @type {Map<number, Set<string>>} hashes by seq */
    this.hashes = new Map();
    /** Places of what was taken back, and whose it was. @type {Map<number, number>} */
    this.tombstones = new Map();
    /** Places of what is there and could not be opened: its number is not known. @type {Set<number>} */
    this.closed = new Set();
    /** Places of what is there and was never sealed. @type {Set<number>} */
    this.unsealed = new Set();
  }

  /** A page was read: all between its first message, or the beginning, and the place before which it was asked for. @param {number} first 0 for the beginning @param {number} before */
  covers(first, before) {
    if (before >= this.low) this.low = Math.min(this.low, first);
  }

  /** @param {Heard} heard */
  take(heard) {
    this.messages.set(heard.seq, heard);
    this.closed.delete(heard.seq);
    const hashes = this.hashes.get(heard.seq) ?? new Set();
    this.hashes.set(heard.seq, hashes.add(heard.hash));
  }

  /** @param {number} seq @param {number} user */
  tombstone(seq, user) {
    this.tombstones.set(seq, user);
    this.messages.delete(seq);
  }

  /** There is something that could not be opened. @param {number} seq */
  unread(seq) {
    if (!this.messages.has(seq)) this.closed.add(seq);
  }

  /** There is something that has no envelope. @param {number} seq */
  plain(seq) {
    this.unsealed.add(seq);
  }

  /** @returns {Problems} each person once */
  problems() {
    const differing = new Set(this.late());
    /** @type {Map<string, number>} by hash */
    const places = new Map([...this.hashes].flatMap(([seq, hashes]) => [...hashes].map((hash) => /** @type {const} */ ([hash, seq]))));
    for (const heard of this.messages.values()) if (this.differs(heard, places)) differing.add(heard.user);
    return { missing: this.low > 0 ? [] : this.missing(), differing: [...differing] };
  }

  /** Whose messages stand after some of a later epoch, although a server takes none for one that has passed: people. */
  late() {
    const found = [];
    let newest = 0;
    for (const { user, epoch, edited } of [...this.messages.values()].sort((one, other) => one.seq - other.seq)) {
      // An edit is of the epoch of its own time.
      if (edited) continue;
      if (epoch < newest) found.push(user);
      newest = Math.max(newest, epoch);
    }
    return found;
  }

  /** Whether what its device had seen is not what stands here. @param {Heard} heard @param {Map<string, number>} places where each envelope stands, by its hash */
  differs({ seq, seen_seq, seen_hash, edited }, places) {
    // An edit was written after what it stands between.
    if (seen_seq > seq && !edited) return true;
    // What somebody has seen at one place stands at another.
    if ((places.get(seen_hash) ?? seen_seq) !== seen_seq) return true;
    if (seen_seq === 0 || seen_seq < this.low || [this.tombstones, this.closed, this.unsealed].some((places) => places.has(seen_seq))) return false;
    const there = this.messages.get(seen_seq);
    // Of one that was edited the earlier version may be meant, which is not told any more.
    return there ? !there.edited && !this.hashes.get(seen_seq)?.has(seen_hash) : seen_seq < seq && this.low === 0;
  }

  /** Whether what was read here before does not stand there any more. @param {{seq: number, hash: string}} seen */
  lacks({ seq, hash }) {
    if (seq < this.low || [this.tombstones, this.closed, this.unsealed].some((places) => places.has(seq))) return false;
    const there = this.messages.get(seq);
    return !there || (!there.edited && !this.hashes.get(seq)?.has(hash));
  }

  missing() {
    /** @type {Map<string, {user: number, used: Map<number, string>, unused: Set<number>, most: number}>} by device */
    const devices = new Map();
    const of = (/** @type {string} */ dev, /** @type {number} */ user) => {
      const known = devices.get(dev) ?? { user, used: new Map(), unused: new Set(), most: 0 };
      devices.set(dev, known);
      return known;
    };
    const people = new Set();
    const owners = new Map([...this.messages.values()].map(({ dev, user }) => [dev, user]));
    for (const { user, client_id, dev, ctr, was, unused } of this.messages.values()) {
      // Nobody says which numbers another's device has used.
      for (const one of [{ dev, ctr }, ...was.filter((one) => (owners.get(one.dev) ?? user) === user)]) {
        const device = of(one.dev, user);
        // A number that was used twice stands for something that was left out, too.
        if ((device.used.get(one.ctr) ?? client_id) !== client_id) people.add(user);
        device.used.set(one.ctr, client_id);
        device.most = Math.max(device.most, Math.min(one.ctr, MOST_NUMBERS));
      }
      for (const number of unused) of(dev, user).unused.add(number);
    }
    // Which numbers they had is not known of messages that their writers took back.
    const taken = new Set(this.tombstones.values());
    for (const { user, used, unused, most } of devices.values()) {
      if (taken.has(user) || this.closed.size > 0) continue;
      if (new Set([...used.keys(), ...[...unused].filter((number) => number <= most)]).size < most) people.add(user);
    }
    return [...people];
  }
}
