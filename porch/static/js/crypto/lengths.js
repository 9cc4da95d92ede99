/** How many bytes keys have, and what AES-GCM adds to what it encrypts. */

/** A key of AES-256. */
export const KEY = 32;
/** What goes with each encryption, never the same twice with one key. */
export const IV = 12;
/** What AES-GCM puts behind the ciphertext, and HPKE with it. */
export const TAG = 16;
/** A secret that keys are derived from. */
export const SECRET = 32;
/** SHA-256. */
export const HASH = 32;
