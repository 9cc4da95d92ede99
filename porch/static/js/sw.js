/**
 * The service worker: shows what is pushed to this browser when no page of this site is looked at, and says so plainly when
 * there is no network. Only browsers that asked to be told have it. Served as /sw.js, for all pages.
 */

import { gettext, ngettext } from "./base/gettext.js";

/** @typedef {{kind: string, name: string, username: string, content: string, count: number, called: boolean, url: string, seq: number, chat_id: number}} Notice */

/** @type {any} the types of a page do not know what a worker has */
const worker = self;
const SHELF = "porch-offline-1";
const OFFLINE = "/offline/";

worker.addEventListener("install", (/** @type {any} */ event) => {
  // Only pages need the worker; and what a page sends while it is being left would end here, with the page.
  event.addRoutes?.([{ condition: { requestMode: "cors" }, source: "network" }]);
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.add(OFFLINE)).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(begin()));

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => offline()));
});

worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(show(event.data.json())));

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});

async function begin() {
  for (const name of await caches.keys()) if (name.startsWith("porch-offline-") && name !== SHELF) await caches.delete(name);
  await worker.clients.claim();
}

async function offline() {
  return (await caches.match(OFFLINE)) ?? Response.error();
}

/** @param {Notice} notice */
function show({ kind, name, username, content, count, url, seq, chat_id }) {
  const who = kind === "direct" ? "" : `${username}: `;
  const title = count > 1 ? ngettext("%(name)s (%(num)s new)", "%(name)s (%(num)s new)", count, { name }) : name;
  return worker.registration.showNotification(title, {
    body: `${who}${content || gettext("wrote something")}`,
    tag: `chat-${chat_id}`,
    renotify: true,
    icon: "/static/icons/192.png",
    badge: "/static/icons/badge.png",
    data: { url: `${url}messages/${seq}/` },
  });
}

/** To a page that shows this chat, or else to a new one. @param {string} url */
async function open(url) {
  const room = url.replace(/messages\/\d+\/$/u, "");
  for (const client of await worker.clients.matchAll({ type: "window", includeUncontrolled: true })) {
    if (new URL(client.url).pathname.startsWith(room)) return client.focus();
  }
  return worker.clients.openWindow(url);
}
