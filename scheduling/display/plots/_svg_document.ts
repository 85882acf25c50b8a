/** As much of a document as Observable Plot needs to build SVG. @module */

import { type Attributes, element, escaped } from "./_xml.ts";

const SVG = "http://www.w3.org/2000/svg";
// More digits than a picture has pixels for.
const LONG_NUMBER = /\d+\.\d{3,}/g;

/** An element of SVG. */
export class SvgNode {
  readonly ownerDocument: SvgDocument;
  readonly namespaceURI: string = SVG;
  readonly tagName: string;
  readonly children: SvgNode[] = [];
  parentNode: SvgNode | null = null;
  textContent = "";
  readonly #attributes = new Map<string, string>();

  constructor(ownerDocument: SvgDocument, tagName: string) {
    this.ownerDocument = ownerDocument;
    this.tagName = tagName;
  }

  appendChild(child: SvgNode): SvgNode {
    return this.insertBefore(child, null);
  }

  insertBefore(child: SvgNode, before: SvgNode | null): SvgNode {
    child.parentNode?.removeChild(child);
    child.parentNode = this;
    const index = before === null ? -1 : this.children.indexOf(before);
    this.children.splice(index < 0 ? this.children.length : index, 0, child);
    return child;
  }

  removeChild(child: SvgNode): SvgNode {
    const index = this.children.indexOf(child);
    if (index >= 0) this.children.splice(index, 1);
    child.parentNode = null;
    return child;
  }

  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }

  setAttribute(name: string, value: unknown): void {
    this.#attributes.set(name, String(value));
  }

  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }

  /** The element as XML, with numbers to a hundredth. */
  toXml(): string {
    const attributes: Attributes = Object.fromEntries(
      Array.from(this.#attributes, ([name, value]) => [name, rounded(value)]),
    );
    const children = this.children.map((child) => child.toXml());
    return element(this.tagName, attributes, escaped(this.textContent), ...children);
  }
}

/** Makes elements. */
export class SvgDocument {
  readonly documentElement: SvgNode = this.createElementNS(SVG, "svg");

  createElementNS(_namespace: string, name: string): SvgNode {
    return new SvgNode(this, name);
  }
}

function rounded(value: string): string {
  return value.replace(LONG_NUMBER, (number) => String(Math.round(Number(number) * 100) / 100));
}
