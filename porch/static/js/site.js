/** What every page does with scripts; the room's loads it late. */

import { setUpLogOut } from "./log_out.js";
import { setUpTheme } from "./theme.js";

setUpTheme();
setUpLogOut();
// Who is signed in hears on every page when somebody wants to talk. The room and the lobby hear by lines of their own.
if (document.getElementById("waiting") && !document.querySelector("#rooms, #feed")) void import("./listening.js");
