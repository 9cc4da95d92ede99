/** The database of this browser's keys, apart from what else is kept, as it outlives any change of that. */

import { openDatabase } from "../log/outbox_store.js";

/** Its stores, and what names an entry of each. Those of one person begin with whose they are. */
const STORES = {
  devices: "user",
  accounts: ["owner", "user"],
  chats: ["owner", "chat"],
  epochs: ["owner", "chat", "epoch"],
  recovery: ["owner", "dev"],
  counters: ["user_id", "chat_id"],
  locked: "client_id",
};

export function keyDatabase() {
  return openDatabase("porch-keys", (made) => {
    for (const [name, keyPath] of Object.entries(STORES)) made.createObjectStore(name, { keyPath });
  });
}
