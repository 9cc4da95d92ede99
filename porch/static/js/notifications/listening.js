/** Hears of this person's direct chats on pages that have no other reason for a line to the server. Loaded late, by `site.js`. */

import { ApiError, request, speaker } from "../base/api.js";
import { byId } from "../base/dom.js";
import { News } from "./news.js";
import { prefersPolling } from "../log/switch.js";
import { Updates } from "../log/updates.js";

const PACE = { usual: 5000, hidden: 20_000 };

const { of, live } = byId("waiting", HTMLElement).dataset;
speaker.userId = Number(of);
const news = new News(request);
const updates = new Updates({
  // A line is subscribed to one's own affairs from the beginning.
  subscribe: async () => null,
  subscribed: () => void news.poll().catch((error) => updates.trouble(error)),
  poll: () => news.poll(),
  events: {
    direct: (chat) => news.take(chat),
    // Pages about keys have scripts of their own, which look then.
    keys: () => void dispatchEvent(new Event("keys")),
    key_request: () => void dispatchEvent(new Event("keys")),
    session_ended: () => updates.end(new ApiError(401, { code: "unauthenticated", message: "" })),
  },
  connected: () => {},
  lost: () => {},
  over: () => {},
}, PACE);
void updates.use(prefersPolling(live === "poll" ? "poll" : "socket"));
