/** Writes SVG as XML. @module */

import { withEntities } from "../_html.ts";

/** The attributes of an element; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

// Nothing else is allowed in XML 1.0.
const NOT_ALLOWED = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text, safe between tags and in attributes. */
export function escaped(text: string): string {
  return withEntities(text.replace(NOT_ALLOWED, "\ufffd"));
}

/** An element; `children` are XML. */
export function element(name: string, attributes: Attributes = {}, ...children: string[]): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(String(value))}"`]
  );
  const content = children.join("");
  return content === ""
    ? `<${name}${list.join("")}/>`
    : `<${name}${list.join("")}>${content}</${name}>`;
}
