/** Finds words for people in scripts that no translator would see: by the parser of TypeScript, for `texts.test.js`. */

import ts from "typescript";

/** What people read or hear of an element. */
const SAID = ["aria-label", "title", "placeholder", "alt", "aria-description", "aria-placeholder", "words", "label", "about"];
/** Properties with words for machines. */
const SILENT = ["class", "rel"];
/** Functions, and from where to where their arguments are shown. */
const SHOW = new Map(Object.entries({ element: [2, Infinity], button: [0, 1], way: [0, 1], put: [1, 2], announce: [0, 1], say: [0, 1], complain: [0, 1], hidden: [0, 1] }));
const SHOWN = ["textContent", "ariaLabel", "nodeValue", "title", "placeholder", "innerText", "alt"];
/** Functions that are told names of elements, keys, events and addresses, and never words. */
const TOLD = ["querySelector", "querySelectorAll", "closest", "matches", "matchMedia", "part", "get", "setRequestHeader", "getResponseHeader", "includes"];
const TEXTS = ["gettext", "ngettext"];

/**
 * @param {string} source of a module
 * @returns {string[]} what looks like words, and stands in no `gettext`
 */
export function strayWords(source) {
  /** @type {string[]} */
  const found = [];
  /** @param {ts.Node} node @param {boolean} shown whether what stands here is for people @returns {unknown} */
  const look = (node, shown) => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (isPiece(node) && isWords(node.text, shown)) found.push(node.text);
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) return lookCall(node, shown);
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const to = ts.isPropertyAccessExpression(node.left) ? node.left.name.text : "";
      return look(node.right, SHOWN.includes(to));
    }
    // What is compared is a name of something, as of a key.
    if (ts.isBinaryExpression(node) && [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken, ts.SyntaxKind.InKeyword].includes(node.operatorToken.kind)) return undefined;
    if (ts.isCaseClause(node)) return node.statements.forEach((one) => look(one, false));
    if (ts.isPropertyAssignment(node)) {
      const name = ts.isIdentifier(node.name) || ts.isStringLiteral(node.name) ? node.name.text : "";
      return SILENT.includes(name) ? undefined : look(node.initializer, SAID.includes(name));
    }
    // Of a choice only what is chosen is shown.
    if (ts.isConditionalExpression(node)) {
      look(node.condition, false);
      look(node.whenTrue, shown);
      return look(node.whenFalse, shown);
    }
    if (ts.isFunctionLike(node) || ts.isElementAccessExpression(node)) shown = false;
    return ts.forEachChild(node, (child) => look(child, shown));
  };

  /** @param {ts.CallExpression | ts.NewExpression} call @param {boolean} shown @returns {unknown} */
  const lookCall = (call, shown) => {
    const { expression, arguments: given = [] } = call;
    const name = ts.isIdentifier(expression) ? expression.text : ts.isPropertyAccessExpression(expression) ? expression.name.text : "";
    look(expression, false);
    // Errors that are thrown are read by who looks into the browser's console.
    if (TOLD.includes(name) || name === "Error") return given.filter((one) => !ts.isStringLiteralLike(one) && !ts.isTemplateExpression(one)).forEach((one) => look(one, false));
    if (TEXTS.includes(name)) return given.slice(name === "gettext" ? 1 : 2).forEach((one) => look(one, true));
    const [from, to] = SHOW.get(name) ?? [Infinity, 0];
    return given.forEach((one, at) => look(one, (at >= from && at < to) || (shown && name === "filled")));
  };

  look(ts.createSourceFile("one.js", source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS), false);
  return found;
}

/** @param {ts.Node} node @returns {node is ts.LiteralLikeNode} */
function isPiece(node) {
  return ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
}

/** @param {string} text @param {boolean} shown */
function isWords(text, shown) {
  if (shown) return /\p{L}/u.test(text);
  return /\p{L}[,.;:…]* \p{L}/u.test(text) || /^\s*\p{Lu}\p{Ll}/u.test(text) || /\p{L}[.!?…]$/u.test(text);
}
