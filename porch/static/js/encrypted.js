/**
 * The beginning of a direct chat's page: puts the line between it and the server that locks and opens, opens what the server wrote into
 * the page, and only then loads what every room's page does.
 */

import { request, speaker } from "./base/api.js";
import { watchContinuity } from "./encrypted_chats/continuity_view.js";
import { DirectLine } from "./encrypted_chats/direct_line.js";
import { byId } from "./base/dom.js";
import { shownName } from "./base/shown_name.js";
import { loadSuite } from "./crypto/hpke_library.js";
import { markBeginning, SealView } from "./encrypted_chats/seal_view.js";
import { offerSearch } from "./encrypted_chats/search_offer.js";
import { openWritten } from "./encrypted_chats/sealed_written.js";

/** @import { RoomData } from "./base/types.js" */

/** Milliseconds between tries, while the server does not answer. */
const PAUSES = [0, 500, 2000];

/** @type {RoomData} */
const { chat, me, ...data } = JSON.parse(byId("room-data", HTMLScriptElement).textContent ?? "");
speaker.userId = me.user_id;
const other = chat.with;
const list = byId("feed", HTMLElement);
const line = new DirectLine({
  chatId: chat.id,
  userId: me.user_id,
  peerId: other?.user_id ?? 0,
  withGuest: me.guest || other?.guest === true,
  isEncrypted: chat.encryption !== undefined,
  ask: request,
  suite: loadSuite,
});
Object.assign(globalThis, { sealing: line });
void begin();

async function begin() {
  const view = new SealView(line, { name: shownName(chat.name), verify: `${chat.url}verify/` });
  line.notePeer(!other?.username);
  watchContinuity(line, byId("log", HTMLElement));
  await line.load();
  // What is sealed waits for its keys; a page where nothing is waits for nothing.
  const looking = line.look().catch(() => {});
  if (line.wasEncrypted) await looking;
  for (const pause of PAUSES) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (await openWritten(line, list, { chatId: chat.id, ...data })) break;
  }
  const { goToFound, hurry, reopened } = await import("./room.js");
  let wasLetIn = false;
  const reopen = () => line.reopen().then(reopened, () => {});
  line.unlocked = () => {
    wasLetIn = true;
    hurry();
    void reopen();
  };
  // What was done with the keys on another page in this browser, nobody else knows who could tell; nor when they have all come.
  addEventListener("focus", () => {
    if (line.way === "new" || line.way === "let_in") void line.lookAgain();
    else if (wasLetIn && line.shut.size > 0) void reopen();
  });
  offerSearch(line, { chat, goTo: goToFound });
  markBeginning(list, line);
  view.show();
}
