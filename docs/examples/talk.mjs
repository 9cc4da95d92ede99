// Talk in a room with socket.io-client: npm install socket.io-client
//
// node talk.mjs http://127.0.0.1:5000/chatrooms/kBMrdyDhencRErJbDA4jeg/ "Ada" "Hello, house."

import { randomUUID } from "node:crypto";
import { io } from "socket.io-client";

const [link, name, ...lines] = process.argv.slice(2);
if (!name) {
  console.error("usage: talk.mjs LINK NAME [WHAT TO SAY ...]");
  process.exit(1);
}
const site = new URL(link).origin;
const hashKey = new URL(link).pathname.split("/").at(-2);

/** One call of the HTTP interface. */
async function call(method, path, body, token) {
  const response = await fetch(site + path, {
    method,
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  const answer = response.status === 204 ? null : await response.json();
  if (response.ok) return answer;
  console.error(answer.error.message);
  process.exit(1);
}

// A name is all it takes; the token is what the name is held by.
const { token } = await call("POST", "/sessions", { username: name });
const chat = await call("POST", `/chatrooms/${hashKey}/join`, undefined, token);

let cursor = 0; // everything up to this rev has been read
// What is still to be said, each with the id under which the server stores it once, however often it is sent.
const unsent = new Map(lines.map((line) => [randomUUID(), line]));

/** Shows what is new in its order, then moves the cursor. A terminal takes nothing back: of what has changed it tells. */
function show(messages, rev) {
  const fresh = [...messages].filter((message) => message.rev > cursor).sort((a, b) => a.seq - b.seq);
  for (const { seq, username, content, deleted, edited_at } of fresh) {
    if (seq > cursor && !deleted) console.log(`${username}: ${content}`);
    else if (seq <= cursor && deleted) console.log(`(${username} took a message back.)`);
    else if (seq <= cursor && edited_at) console.log(`${username}, edited: ${content}`);
  }
  cursor = Math.max(cursor, rev);
}

/** Reads on to the end and only then shows it: pages come in the order of changes. `page` is the first answer. */
async function catchUp(page) {
  const messages = new Map();
  let [rev, more] = [cursor, true];
  while (more) {
    page ??= await call("GET", `/chats/${chat.id}/messages?after=${rev}`, undefined, token);
    for (const message of page.messages) messages.set(message.seq, message);
    ({ rev, more } = page);
    page = undefined;
  }
  show(messages.values(), rev);
}

// TRANSPORTS=websocket for an open line at once; the library's default begins by polling and upgrades.
const transports = process.env.TRANSPORTS?.split(",");
const socket = io(site, { auth: { token }, ...(transports && { transports }) });

socket.on("message", (message) => {
  if (message.rev === cursor + 1) {
    show([message], message.rev);
  } else if (message.rev > cursor) {
    void catchUp(); // something is missing before it
  }
});

// Also after a lost connection: the answer is what was missed.
socket.on("connect", async () => {
  const entered = await socket.emitWithAck("enter", { chat_id: chat.id, after: cursor });
  if (entered.error) return leave(entered.error.message);
  await catchUp(entered);
  for (const [client_id, content] of unsent) {
    const answer = await socket.emitWithAck("send", { chat_id: chat.id, client_id, content });
    if (answer.ok) unsent.delete(client_id);
  }
});

for (const end of ["removed", "room_deleted"]) {
  socket.on(end, () => leave("This room is closed to you."));
}
process.on("SIGINT", () => leave());

async function leave(why) {
  if (why) console.log(why);
  await call("DELETE", "/sessions/current", undefined, token); // gives the name back
  process.exit(0);
}
