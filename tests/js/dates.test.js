import assert from "node:assert/strict";
import { test } from "node:test";

import { minutesEast } from "../../porch/static/js/site/dates.js";

test("a day begins where the reader is, in summer and in winter", () => {
  process.env.TZ = "Europe/Berlin";
  assert.deepEqual([minutesEast("2026-01-11"), minutesEast("2026-07-11")], [60, 120]);
  process.env.TZ = "Etc/UTC";
  assert.equal(Object.is(minutesEast("2026-01-11"), 0), true);
});
