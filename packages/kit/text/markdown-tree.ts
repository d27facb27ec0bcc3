/** A part of a parsed Markdown text. The fields are named as in hast, the syntax tree of HTML. */
export type MarkdownNode = MarkdownElement | { readonly type: "text"; readonly value: string };

export type MarkdownElement = {
  readonly type: "element";
  tagName: string;
  readonly properties: Record<string, string | number | boolean>;
  readonly children: MarkdownNode[];
};

/** Adds elements below the one that was opened last. */
export class TreeBuilder {
  readonly children: MarkdownNode[] = [];
  elementCount = 0;
  readonly #open: MarkdownElement[] = [];

  get depth(): number {
    return this.#open.length;
  }

  open(tagName: string, properties: MarkdownElement["properties"] = {}): void {
    const element: MarkdownElement = { type: "element", tagName, properties, children: [] };
    this.#siblings.push(element);
    this.#open.push(element);
    this.elementCount += 1;
  }

  close(): void {
    this.#open.pop();
  }

  /** Adds an element that holds nothing but text. */
  leaf(tagName: string, properties: MarkdownElement["properties"] = {}, text = ""): void {
    this.open(tagName, properties);
    this.text(text);
    this.close();
  }

  text(value: string): void {
    if (value !== "") this.#siblings.push({ type: "text", value });
  }

  /** The list item whose first text comes next, if there is one. */
  get emptyListItem(): MarkdownElement | undefined {
    const last = this.#open.at(-1);
    const isFirstParagraph = last?.tagName === "p" && this.#open.at(-2)?.children.length === 1;
    const item = isFirstParagraph ? this.#open.at(-2) : last;
    return item?.tagName === "li" && last?.children.length === 0 ? item : undefined;
  }

  get #siblings(): MarkdownNode[] {
    return this.#open.at(-1)?.children ?? this.children;
  }
}
