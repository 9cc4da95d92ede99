/** Being told on this device when no page is open: asked for by a press, never by itself. */

import { gettext } from "../base/gettext.js";

/** @import { request } from "../base/api.js" */

const WORKER = "/sw.js";
/** Made once: a page may not make another of this name. @type {{createScriptURL: (address: string) => any} | undefined} */
let policy;

/** Why it cannot be had here, in words, or null. @returns {string | null} */
export function obstacle() {
  if (!isSecureContext) return gettext("This needs a site on https.");
  if (!("serviceWorker" in navigator && "Notification" in globalThis)) return gettext("This browser cannot be told.");
  if (!("PushManager" in globalThis)) {
    return /iPhone|iPad/u.test(navigator.userAgent) ? gettext("Put this site on your home screen first: Share, then Add to Home Screen.") : gettext("This browser cannot be told.");
  }
  return Notification.permission === "denied" ? gettext("This browser does not let this site tell you anything. Its settings for this site change that.") : null;
}

export class Push {
  /** @param {typeof request} ask */
  constructor(ask) {
    this.request = ask;
  }

  /** @returns {Promise<boolean>} whether this device is told */
  async isOn() {
    if (obstacle() !== null) return false;
    const registration = await navigator.serviceWorker.getRegistration(WORKER);
    return Boolean(await registration?.pushManager.getSubscription());
  }

  /** @returns {Promise<boolean>} whether the person has allowed it */
  async begin() {
    // First, while the press still counts: browsers ask nobody who has not just pressed something.
    if (await Notification.requestPermission() !== "granted") return false;
    const { key } = await this.request("GET", "/push");
    const registration = await register();
    const subscription = await subscribed(registration.pushManager, bytes(key));
    const { endpoint, keys } = subscription.toJSON();
    await this.request("PUT", "/push/subscription", { endpoint, p256dh: keys?.p256dh, auth: keys?.auth });
    return true;
  }

  async end() {
    await this.request("DELETE", "/push/subscription");
    const registration = await navigator.serviceWorker.getRegistration(WORKER);
    for (const shown of await registration?.getNotifications() ?? []) shown.close();
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
    await registration?.unregister();
  }
}

async function register() {
  // A script address may be named once a page: what is there is taken as it is.
  if (await navigator.serviceWorker.getRegistration("/")) return navigator.serviceWorker.ready;
  await navigator.serviceWorker.register(workerAddress(), { updateViaCache: "none" });
  return navigator.serviceWorker.ready;
}

/** The one script address that this site's policy lets a page name. @returns {string} */
function workerAddress() {
  const types = /** @type {{trustedTypes?: {createPolicy: (name: string, rules: object) => {createScriptURL: (address: string) => any}}}} */ (globalThis).trustedTypes;
  policy ??= types?.createPolicy("porch", { createScriptURL: () => WORKER });
  return policy?.createScriptURL(WORKER) ?? WORKER;
}

/** A subscription for another key, as after the data folder was wiped, is of no use. @param {PushManager} manager @param {Uint8Array<ArrayBuffer>} key */
async function subscribed(manager, key) {
  const known = await manager.getSubscription();
  const its = known?.options.applicationServerKey;
  if (known && its && String(new Uint8Array(its)) === String(key)) return known;
  await known?.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** @param {string} text base64url @returns {Uint8Array<ArrayBuffer>} */
export function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
