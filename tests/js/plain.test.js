/** Which messages need more than words and links. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isPlain } from "../../porch/static/js/messages/plain.js";

test("words, links and what looks like a sentence are plain", () => {
  for (const content of ["Hello", "a - b", "https://porch.example/a?b=1", "3 > 2", "1 of 2", "田中さん", "", "Well 🎉", "123"]) {
    assert.equal(isPlain({ content }), true, content);
  }
});

test("marks of Markdown, and what a message carries, are not", () => {
  for (const content of ["**bold**", "_so_", "`code`", "> said", "- one", "first\n2. two", "~~no~~", "\\*so", "[a](https://b.example)", "🎉", "👍🏽 ❤️"]) {
    assert.equal(isPlain({ content }), false, content);
  }
  for (const more of [{ reply_to: 1 }, { pinned: true }, { reactions: [] }, { preview: { url: "https://a.example", title: "A", description: "", site: "" } }]) assert.equal(isPlain({ content: "Yes", ...more }), false);
});
