import type { Token } from "markdown-it";
import { addFootnoteToken } from "./markdown-footnotes.ts";
import { type MarkdownElement, type MarkdownNode, TreeBuilder } from "./markdown-tree.ts";

type Limits = { readonly maxDepth: number; readonly maxElements: number };

/** Makes a tree of the parser's flat list of tokens; undefined when it exceeds a limit. */
export function buildMarkdownTree(
  tokens: readonly Token[],
  limits: Limits,
): MarkdownNode[] | undefined {
  const tree = new TreeBuilder();
  const isWithin = () => tree.depth <= limits.maxDepth && tree.elementCount <= limits.maxElements;
  for (const token of tokens) {
    if (token.type === "inline") {
      for (const child of token.children ?? []) {
        addInline(tree, child);
        if (!isWithin()) return undefined;
      }
    } else addBlock(tree, token);
    if (!isWithin()) return undefined;
  }
  return tree.children;
}

function addBlock(tree: TreeBuilder, token: Token): void {
  // A paragraph of a tight list.
  if (token.hidden) return;
  if (token.type.startsWith("footnote")) addFootnoteToken(tree, token);
  else if (token.type === "fence" || token.type === "code_block") {
    tree.open("pre");
    tree.leaf("code", {}, token.content);
    tree.close();
  } else addTag(tree, token);
}

function addInline(tree: TreeBuilder, token: Token): void {
  if (token.type === "text") addText(tree, token.content);
  else if (token.type === "softbreak") tree.text("\n");
  else if (token.type === "code_inline") tree.leaf("code", {}, token.content);
  else if (token.type === "image")
    tree.leaf("img", { ...attributesOf(token), alt: altOf(token.children ?? []) });
  else if (token.type.startsWith("footnote")) addFootnoteToken(tree, token);
  else if (token.tag === "") tree.text(token.content);
  else addTag(tree, token);
}

/** The text of an item, after the checkbox of a task. */
function addText(tree: TreeBuilder, text: string): void {
  const item = tree.emptyListItem;
  const [mark = "", box] = (item && /^\[([ xX])\][ \t]+/.exec(text)) ?? [];
  if (item && mark !== "") {
    item.properties["className"] = "prose-task";
    tree.leaf("input", { checked: box !== " " });
  }
  tree.text(text.slice(mark.length));
}

function addTag(tree: TreeBuilder, token: Token): void {
  if (token.nesting >= 0) tree.open(token.tag === "s" ? "del" : token.tag, attributesOf(token));
  if (token.nesting <= 0) tree.close();
}

function attributesOf({ attrs }: Token): MarkdownElement["properties"] {
  const properties: MarkdownElement["properties"] = {};
  for (const [name, value] of attrs ?? []) {
    if (name === "style") properties["align"] = String(value).replace("text-align:", "");
    else if (["href", "src", "title", "start"].includes(name)) properties[name] = value;
  }
  return properties;
}

function altOf(tokens: readonly Token[]): string {
  return tokens.map(({ children, content }) => (children ? altOf(children) : content)).join("");
}
