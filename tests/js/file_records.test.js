/** What a message says of its files is taken as it has to be, or not at all; names are such that files may be saved under them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64url } from "../../porch/static/js/crypto/bytes.js";
import { attachedOf, recordsOf, safeName } from "../../porch/static/js/crypto/file_records.js";

const [key, iv, sha256] = [32, 12, 32].map((length, fill) => toBase64url(new Uint8Array(length).fill(fill + 1)));
const RECORD = { upload: 3, name: "mast.webp", media_type: "image/webp", size: 900, key, iv, sha256, width: 40, height: 30, alt: "The mast" };
const LIST = { upload: 4, name: "list.txt", media_type: "text/plain", size: 20, key, iv, sha256 };

test("what was said of files comes out as it went in", () => {
  const attached = attachedOf([RECORD, LIST], 7);
  assert.deepEqual(attached[0], {
    id: 3, name: "mast.webp", media_type: "image/webp", size: 900, url: "/chats/7/uploads/3/locked", alt: "The mast", width: 40, height: 30, lock: { key, iv, sha256 },
  });
  assert.deepEqual(recordsOf(attached), [RECORD, LIST]);
});

test("a file that is not locked goes with no locked message", () => {
  const [{ lock: _lock, ...open }] = attachedOf([LIST], 7);
  assert.throws(() => recordsOf([open]), { name: "Refused", code: "files" });
});

/** @type {[string, unknown][]} */
const wrong = [
  ["no list", {}], ["null", [null]], ["too many", Array.from({ length: 11 }, (_, at) => ({ ...LIST, upload: at + 1 }))], ["one twice", [LIST, LIST]],
  ["one field more", [{ ...LIST, more: 1 }]], ["half a picture", [{ ...LIST, width: 40 }]],
  ...Object.keys(LIST).map((name) => /** @type {[string, unknown]} */ ([`no ${name}`, [{ ...LIST, [name]: undefined }]])),
  ...Object.entries({
    upload: [0, "3", 1.5, -0, 2 ** 53], size: [0, -1, 2 ** 31, "20", NaN], name: ["", "x".repeat(201), 7], media_type: ["", "x".repeat(101)], key: [`${key}A`, iv, 7], iv: [key, ""], sha256: [iv],
    width: [0, 65_536], height: [0, "30"], alt: ["", "x".repeat(501), null],
  }).flatMap(([name, values]) => values.map((value) => /** @type {[string, unknown]} */ ([`${name} ${String(value).slice(0, 9)}`, [{ ...RECORD, [name]: value }]]))),
];
for (const [what, told] of wrong) test(`refused: ${what}`, () => assert.throws(() => attachedOf(told, 7), { name: "Refused" }));

test("only what browsers show and never run is a picture", () => {
  for (const media_type of ["image/svg+xml", "text/html", "image/png"]) assert.equal(attachedOf([{ ...RECORD, media_type }], 7)[0].width, undefined);
});

test("a name hides neither a folder nor its ending", () => {
  const names = { "../../etc/passwd": "passwd", "C:\\x\\list.txt": "list.txt", ".bashrc": "bashrc", "evil\u202etxt.exe": "eviltxt.exe", "a\u0000b\nc": "abc", "  ": "file", "..": "file", "👩‍👧.png": "👩‍👧.png", "": "file" };
  for (const [name, safe] of Object.entries(names)) assert.equal(safeName(name), safe);
  const long = safeName(`${"😀".repeat(150)}.tar`);
  assert.ok(long.length <= 200 && long.endsWith("😀.tar"));
  assert.ok(safeName("x".repeat(300)).length === 200);
  assert.equal(attachedOf([{ ...LIST, name: "../list.txt" }], 7)[0].name, "list.txt");
});
