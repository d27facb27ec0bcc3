import type { Token } from "markdown-it";
import type { TreeBuilder } from "./markdown-tree.ts";

/** What the parser knows of a footnote: its index, and which of its references this is. */
type FootnoteMeta = { readonly id: number; readonly subId?: number };

/** Adds the references in the text, and at its end the section of notes with links back to them. */
export function addFootnoteToken(tree: TreeBuilder, { type, meta }: Token): void {
  const { id, subId = 0 } = (meta ?? { id: 0 }) as FootnoteMeta;
  const number = id + 1;
  const reference = `${idPrefix}fnref-${number}${subId > 0 ? `-${subId + 1}` : ""}`;
  switch (type) {
    case "footnote_ref":
      tree.open("sup");
      tree.leaf("a", { href: `#${idPrefix}fn-${number}`, id: reference }, String(number));
      tree.close();
      break;
    case "footnote_block_open":
      tree.open("section", { className: "prose-footnotes" });
      tree.leaf("h2", {}, "Footnotes");
      tree.open("ol");
      break;
    case "footnote_block_close":
      tree.close();
      tree.close();
      break;
    case "footnote_open":
      tree.open("li", { id: `${idPrefix}fn-${number}` });
      break;
    case "footnote_close":
      tree.close();
      break;
    case "footnote_anchor":
      tree.text(" ");
      tree.leaf("a", { href: `#${reference}`, "aria-label": `Back to reference ${number}` }, "↩");
      break;
  }
}

/** Ids of a text must not meet those of the page. */
const idPrefix = "user-content-";
