import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { parseSync } from "vite";
import { en } from "./gen/messages/en.ts";

type Node = { readonly type: string; readonly start: number } & Record<string, unknown>;

/** A text in a source file, with the prop or property that it is given as. */
type Literal = { readonly at: string; readonly text: string; readonly name: string | undefined };

const src = path.join(import.meta.dirname, "src");
const files = globSync("**/*.{ts,tsx}", { cwd: src }).filter((file) => !file.endsWith(".test.ts"));

/** Props and properties whose value a person sees or hears. */
const shownNames =
  /^(aria-(label|description|valuetext)|alt|placeholder|title|.*[lL]abel|hint|text)$/;

describe("the texts of the site", () => {
  const literals = files.flatMap(literalsOf);

  it("are all in the catalogue", () => {
    const found = literals.filter(isShown).map(({ at, text }) => `${at}: ${text}`);
    assert.deepEqual(found, []);
  });

  it("are all used", () => {
    const used = new Set(literals.map(({ text }) => text));
    // An id with a variable end: t(`orderState.${state}`).
    const prefixes = [...used].filter((text) => /^\w+(\.\w+)+\.$/.test(text));
    const unused = Object.keys(en).filter(
      (id) => !used.has(id) && !prefixes.some((prefix) => id.startsWith(prefix)),
    );
    assert.deepEqual(unused, []);
  });
});

function isShown({ text, name }: Literal): boolean {
  if (!/\p{L}{2}/u.test(text) || text in en) return false;
  if (/^(\/|https:)/.test(text)) return false;
  if (name !== "JSXText" && keyPrefix.test(text)) return false;
  if (name === "JSXText" || (name && shownNames.test(name))) return true;
  if (properNames.has(text)) return false;
  // A word, a sentence or its end. Classes, paths, selectors and keys begin in lower case and end without a point.
  return /^\p{Lu}\p{Ll}*[,.!?…]?( \p{L}|$)/u.test(text) || /\p{L}[.!?…]$/u.test(text);
}

/** The start of an id or of a key: `post.`, `shop.orderState.` */
const keyPrefix = /^[a-z]\w*(\.\w+)*\.$/;

/** The same in every language, and names of keys. */
const properNames = new Set(
  "Plaza Edge Opera Firefox Chrome Safari Android Windows Linux Enter Escape Tab Home End".split(
    " ",
  ),
);

function literalsOf(file: string): Literal[] {
  const source = readFileSync(path.join(src, file), "utf8");
  const literals: Literal[] = [];
  const add = ({ start }: Node, text: string, name: string | undefined) => {
    const line = source.slice(0, start).split("\n").length;
    literals.push({ at: `${file}:${line}`, text: text.trim(), name });
  };
  const visit = (node: Node, name: string | undefined) => {
    if (node.type === "JSXText") add(node, String(node["value"]), "JSXText");
    if (node.type === "Literal" && typeof node["value"] === "string")
      add(node, node["value"], name);
    if (node.type === "TemplateElement") add(node, (node["value"] as { raw: string }).raw, name);
    for (const [key, value] of Object.entries(node)) {
      if (key === "source" || (isNode(node) && isThrown(node))) continue;
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isNode(child)) visit(child, nameFor(node, key) ?? name);
      }
    }
  };
  visit(parseSync(file, source).program as unknown as Node, undefined);
  return literals;
}

/** Errors that say what is wrong with the program are for its engineers. */
function isThrown({ type }: Node): boolean {
  return type === "ThrowStatement";
}

/** The prop or property whose value the child `key` of the node is; text in braces counts as an element's. */
function nameFor(node: Node, key: string): string | undefined {
  if (key !== "value" && key !== "expression") return undefined;
  const { type } = node;
  if (type === "JSXAttribute" || type === "Property") {
    const name = (node["name"] ?? node["key"]) as { name?: string; value?: string };
    return String(name.name ?? name.value);
  }
  return undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
