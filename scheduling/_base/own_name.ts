/** Whether an anonymous function refers to itself by the name that it was given. @module */

interface Use {
  readonly before: string;
  readonly after: string;
}

const TEXT_AND_COMMENTS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\*[^]*?\*\/|\/\/[^\n]*/g;
// The text before the body. Parameters with parentheses are not supported.
const ARROW = /^(?:async\b)?\s*(?:\([^()]*\)|[\p{ID_Continue}$]+)\s*=>/u;
const FUNCTION = /^(?:async\s+)?function\s*\([^()]*\)\s*\{/;
// Code after one of these may not be reached, or may belong to another function.
const BRANCH =
  /[?`/]|&&|\|\||=>|\b(?:if|for|while|do|switch|try|throw|break|continue|function|class|yield)\b/;
const LEFT = /\breturn\b[^]*[;}]/;
const OF_FUNCTIONS = new Set(Object.getOwnPropertyNames(Function.prototype));

/** Whether the source is that of an arrow function or of `function (…) {…}`. */
export function isNameless(source: string): boolean {
  return /^(?:async\s+)?function\s*\(/.test(source) || ARROW.test(source);
}

/**
 * The source of an arrow function does not contain its name. In `const f = (n) => f(n - 1)`, `f` is
 * the function itself; in `{ f: (n) => f(n) }`, it is another function, which does not cross.
 * Without the surrounding code, only an impossible use shows the second case: the function would
 * call itself for ever, or use itself as another kind of value.
 */
export function meansItself(source: string, name: string): boolean {
  const code = source.replace(TEXT_AND_COMMENTS, (text) => text.startsWith("/") ? " " : '""');
  const use = firstUse(code, name);
  if (use === undefined) return true;
  return !isCalledAlways(use) && !isConstructed(use) && !isOtherValue(use, code, name);
}

function firstUse(code: string, name: string): Use | undefined {
  const found = new RegExp(
    `(?<![\\p{ID_Continue}$#]|(?<!\\.\\.)\\.)${escaped(name)}(?![\\p{ID_Continue}$])`,
    "u",
  )
    .exec(code);
  if (found === null) return undefined;
  return { before: code.slice(0, found.index), after: code.slice(found.index + name.length) };
}

// A function that always calls itself never returns.
function isCalledAlways({ before, after }: Use): boolean {
  if (!/^\s*\(/.test(after) || isDefinition(after)) return false;
  const head = ARROW.exec(before) ?? FUNCTION.exec(before);
  if (head === null) return false;
  const reached = before.slice(head[0].length);
  return !BRANCH.test(reached) && !LEFT.test(reached);
}

/** Whether a body follows the parentheses, as in a method definition. */
function isDefinition(after: string): boolean {
  let depth = 0;
  for (const { 0: token, index } of after.matchAll(/[()]/g)) {
    depth += token === "(" ? 1 : -1;
    if (depth === 0) return /^\s*\{/.test(after.slice(index + 1));
  }
  return false;
}

// Arrow functions are no constructors.
function isConstructed({ before }: Use): boolean {
  return ARROW.test(before) && /\bnew\s+$/.test(before);
}

// Properties of a function do not cross, so it has only those that it sets itself.
function isOtherValue({ before, after }: Use, code: string, name: string): boolean {
  const member = /^\s*\??\.\s*([\p{ID_Continue}$]+)/u.exec(after)?.[1];
  if (member !== undefined) return !OF_FUNCTIONS.has(member) && !isSet(code, name, member);
  if (/^\s*(?:\(|`)/.test(after)) return false;
  return /^\s*(?:\[|[*%<]|[-+](?![-+=]))/.test(after) || /(?:[*%<]|[-+]|\bof)\s*$/.test(before);
}

function isSet(code: string, name: string, member: string): boolean {
  const set = `${escaped(name)}\\s*\\.\\s*${escaped(member)}\\s*(?:[-+*|&?]{0,2}=(?!=)|\\+\\+|--)`;
  return new RegExp(set).test(code);
}

function escaped(name: string): string {
  return name.replaceAll("$", "\\$");
}
