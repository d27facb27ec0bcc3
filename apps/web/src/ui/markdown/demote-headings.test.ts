import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { demoteHeadings, type HtmlNode } from "./demote-headings.ts";

describe("demoteHeadings", () => {
  const demoted = (...names: string[]) => {
    const children = names.map((tagName): HtmlNode => ({ type: "element", tagName }));
    demoteHeadings(children);
    return children.map(({ tagName }) => tagName);
  };

  it("starts at h2, whichever level the text starts at", () => {
    assert.deepEqual(demoted("h1", "p", "h2"), ["h2", "p", "h3"]);
    assert.deepEqual(demoted("h3", "h4", "h3"), ["h2", "h3", "h2"]);
  });

  it("leaves no level out", () => {
    assert.deepEqual(demoted("h2", "h6"), ["h2", "h3"]);
    assert.deepEqual(demoted("h4", "h1", "h2", "h4"), ["h2", "h2", "h3", "h4"]);
  });

  it("ends at h6", () => {
    assert.deepEqual(demoted("h1", "h2", "h3", "h4", "h5", "h6").at(-1), "h6");
  });
});
