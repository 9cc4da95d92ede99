/** What the pages of the owner's site do with scripts. They are complete without. */

import { setUpDoors } from "./doors.js";
import { setUpKinds } from "./kinds.js";
import { setUpMail } from "./mail.js";

setUpDoors();
setUpKinds();
setUpMail();
