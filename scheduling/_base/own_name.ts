/** Whether a function without a name of its own means itself by the name that it was given. @module */

interface Use {
  readonly before: string;
  readonly after: string;
}

const TEXT_AND_COMMENTS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\*[^]*?\*\/|\/\/[^\n]*/g;
// As far as its body: parameters that hold parentheses are not looked into.
const ARROW = /^(?:async\b)?\s*(?:\([^()]*\)|[\p{ID_Continue}$]+)\s*=>/u;
const FUNCTION = /^(?:async\s+)?function\s*\([^()]*\)\s*\{/;
// After one of these, what follows may never be reached, or be called by somebody else.
const BRANCH =
  /[?`/]|&&|\|\||=>|\b(?:if|for|while|do|switch|try|throw|break|continue|function|class|yield)\b/;
const LEFT = /\breturn\b[^]*[;}]/;
const OF_FUNCTIONS = new Set(Object.getOwnPropertyNames(Function.prototype));

/** Whether the text gives the function no name: an arrow function, or `function (…) {…}`. */
export function isNameless(source: string): boolean {
  return /^(?:async\s+)?function\s*\(/.test(source) || ARROW.test(source);
}

/**
 * An arrow function has no name in its own text: `const f = (n) => f(n - 1)` means itself by `f`, and
 * `{ f: (n) => f(n) }` means another function, of which nothing crosses. Without what is around them
 * they differ only where the use of the name makes no sense for the function itself: it would never
 * end, or use the function as something that it is not.
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

// Whoever calls himself whatever the arguments are never comes to an end.
function isCalledAlways({ before, after }: Use): boolean {
  if (!/^\s*\(/.test(after) || isDefinition(after)) return false;
  const head = ARROW.exec(before) ?? FUNCTION.exec(before);
  if (head === null) return false;
  const reached = before.slice(head[0].length);
  return !BRANCH.test(reached) && !LEFT.test(reached);
}

/** Whether a list in parentheses is followed by a body, as that of a method is. */
function isDefinition(after: string): boolean {
  let depth = 0;
  for (const { 0: token, index } of after.matchAll(/[()]/g)) {
    depth += token === "(" ? 1 : -1;
    if (depth === 0) return /^\s*\{/.test(after.slice(index + 1));
  }
  return false;
}

// No arrow function can be.
function isConstructed({ before }: Use): boolean {
  return ARROW.test(before) && /\bnew\s+$/.test(before);
}

// Properties of a function do not cross, so only one that it sets itself is there.
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
