/** What every page does with scripts; the room's loads it late. */

import { setUpDates } from "./site/dates.js";
import { setUpKeys } from "./site/keys.js";
import { setUpLogOut } from "./site/log_out.js";
import { setUpTheme } from "./site/theme.js";

setUpTheme();
setUpLogOut();
setUpDates();
// A room has them from the beginning.
if (!document.getElementById("feed")) setUpKeys();
const choice = document.getElementById("seal");
if (choice) void import("./encrypted_chats/sealed_form.js").then(({ setUpSealedForm }) => setUpSealedForm(choice), () => {});
if (document.querySelector("time[data-local]")) void import("./site/local_times.js").then(({ setUpLocalTimes }) => setUpLocalTimes(), () => {});
const staying = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-stays]"));
if (staying.length) void import("./site/staying.js").then(({ setUpStaying }) => staying.forEach(setUpStaying), () => {});
// Who is signed in hears on every page when somebody wants to talk. The room and the lobby hear by lines of their own.
// Without a network there is nothing to hear.
if (document.getElementById("waiting") && !document.querySelector("#rooms, #feed")) import("./notifications/listening.js").catch(() => {});
