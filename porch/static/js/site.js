/** What every page does with scripts; the room's loads it late. */

import { setUpLogOut } from "./log_out.js";
import { setUpTheme } from "./theme.js";

setUpTheme();
setUpLogOut();
