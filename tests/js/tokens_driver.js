/** Reads pairs of scripts from its input and says which of them do not have the same tokens, by their numbers. */

import { readFileSync } from "node:fs";
import ts from "typescript";

/** @param {string} text */
function tokens(text) {
  const file = ts.createSourceFile("script.js", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  /** @type {string[]} */
  const found = [];
  /** @param {ts.Node} node */
  const walk = (node) => {
    if (node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode) return;
    const children = node.getChildren(file);
    // The kinds of what holds them say where a statement ends without a semicolon.
    found.push(children.length > 0 ? `(${node.kind}` : `${node.kind} ${node.getText(file)}`);
    for (const child of children) walk(child);
    if (children.length > 0) found.push(")");
  };
  walk(file);
  return found.join("\n");
}

const pairs = /** @type {[string, string][]} */ (JSON.parse(readFileSync(0, "utf8")));
console.log(JSON.stringify(pairs.flatMap(([one, other], number) => (tokens(one) === tokens(other) ? [] : [number]))));
