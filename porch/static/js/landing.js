/** What the pages of the owner's site do with scripts. They are complete without. */

import { setUpDoors } from "./site/doors.js";
import { setUpKinds } from "./site/kinds.js";
import { setUpMail } from "./site/mail.js";

setUpDoors();
setUpKinds();
setUpMail();
