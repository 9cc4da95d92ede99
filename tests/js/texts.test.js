import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { filled, listed } from "../../porch/static/js/base/filled.js";
import { gettext, ngettext } from "../../porch/static/js/base/gettext.js";
import { strayWords } from "./words.js";

const SCRIPTS = new URL("../../porch/static/js/", import.meta.url);

test("values stand where the text says, each as often as it does", () => {
  assert.equal(gettext("%(name)s in %(room)s, %(name)s", { name: "Ada", room: "The porch" }), "Ada in The porch, Ada");
  assert.equal(gettext("%(count)s new", { count: 0 }), "0 new");
  assert.equal(gettext("%(name)s", { name: "%(name)s $& %%" }), "%(name)s $& %%", "a value is no text");
  assert.equal(gettext("%(other)s", { name: "Ada" }), "%(other)s", "a place without a value is seen");
});

test("a percent sign is one, alone or beside values", () => {
  assert.equal(gettext("100 %"), "100 %");
  assert.equal(gettext("100 %%"), "100 %%");
  assert.equal(gettext("%(part)s %%", { part: 50 }), "50 %");
});

test("a number has its form, in English and by the forms that the server puts in", () => {
  const say = (/** @type {number} */ num) => ngettext("%(num)s day of %(name)s", "%(num)s days of %(name)s", num, { name: "May" });
  assert.deepEqual([0, 1, 2].map(say), ["0 days of May", "1 day of May", "2 days of May"]);
  assert.equal(ngettext({ one: "%(num)s Tag", other: "%(num)s Tage" }, "", 1), "1 Tag");
  assert.equal(ngettext({ other: "%(num)s日" }, "", 1), "1日");
});

test("elements stand in a text where it says", () => {
  const [name, room] = [{ name: "Ada" }, { room: "The porch" }];
  assert.deepEqual(filled("%(name)s is in %(room)s.", { name, room }), [name, " is in ", room, "."]);
  assert.deepEqual(filled("In %(room)s is %(name)s", { name, room }), ["In ", room, " is ", name]);
  assert.deepEqual(filled("%(names)s are here", { names: [name, " and ", name] }), [name, " and ", name, " are here"]);
  assert.deepEqual(filled("Nobody", {}), ["Nobody"]);
});

test("a list has no comma before its and", () => {
  assert.deepEqual(listed([]), []);
  assert.deepEqual(listed(["Ada"]), ["Ada"]);
  assert.equal(listed(["Ada", "Bo"]).join(""), "Ada and Bo");
  assert.equal(listed(["1", "0", "Bo"]).join(""), "1, 0 and Bo");
});

/** What looks like words and is for nobody to read: names of icons and their look, selectors, an address, a value of a `meta`, an algorithm, what the server says of a deleted account. */
const KNOWN = ["Ed25519", "Deleted account", "retry", "alert", "i-s spin", "a, button", "form.theme, form[data-ends], form[data-zone]", "./actions.js?", "light dark"];
/** The names of `emoji_list.js` come in other languages from elsewhere: see `emoji_names.py`. */
const EMOJI = /^\p{Emoji}\S* [^|]+\|\p{Emoji}/u;

test("every text is one that can be translated", () => {
  const stray = readdirSync(SCRIPTS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js")).flatMap((name) => (
    strayWords(readFileSync(new URL(name, SCRIPTS), "utf8")).filter((words) => !KNOWN.includes(words) && !EMOJI.test(words)).map((words) => `${name}: ${words}`)
  ));
  assert.deepEqual(stray, []);
});

for (const line of [
  'const words = "Try again";',
  'const words = `Try ${again}`;',
  'const words = `${count} new messages`;',
  'element("p", {}, "guest");',
  'element("p", {}, ...(mine ? ["you"] : []));',
  'element("p", { "aria-label": "more" });',
  'button("go", () => {});',
  'line.textContent = ready ? "on" : gettext("off");',
  'gettext("%(what)s", { what: "a thing" });',
  'composer.complain(problem ? null : "no");',
]) test(`words that nobody could translate are found: ${line}`, () => assert.equal(strayWords(line).length, 1));

for (const line of [
  'element("p", { class: "small soft" }, gettext("guest"));',
  'element("p", {}, ngettext("One day", "%(num)s days", count));',
  'if (event.key === "Escape" && one.closest("a, button")) throw new Error("no such line");',
  'element("li", { id: `m${seq}` }, "", " ", `(${host})`);',
  'import { one } from "./One.js";',
]) test(`what is not for people is none of them: ${line}`, () => assert.deepEqual(strayWords(line), []));
