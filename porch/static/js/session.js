/** What the pages of coming in, of one's account and of a room's settings do with scripts. They work without. */

import { setUpPasswords } from "./password.js";
import { setUpCopying } from "./share.js";
import { setUpSignIn } from "./sign_in.js";

const form = document.getElementById("sign-in");
if (form instanceof HTMLFormElement) setUpSignIn(form);
setUpPasswords();
setUpCopying();
