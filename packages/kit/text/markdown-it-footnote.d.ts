declare module "markdown-it-footnote" {
  import type MarkdownIt from "markdown-it";

  /** A plugin of markdown-it for `[^1]` and `[^1]: note`. */
  export default function footnotes(md: MarkdownIt): void;
}
