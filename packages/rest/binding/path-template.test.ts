import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type PathSegment, PathTemplateError, parsePathTemplate } from "./path-template.ts";

/** Segments as one writes them, and variables as `path:start-end`, with `+` for several segments. */
function summary(source: string): { segments: string; verb: string; variables: string[] } {
  const { segments, verb, variables } = parsePathTemplate(source);
  return {
    segments: segments.map(textOf).join(" "),
    verb,
    variables: variables.map(
      ({ path, start, end, multiple }) => `${path}:${start}-${end}${multiple ? "+" : ""}`,
    ),
  };
}

function textOf(segment: PathSegment): string {
  if (segment.kind === "literal") return segment.text;
  return segment.kind === "one" ? "*" : "**";
}

const accepted: [
  name: string,
  source: string,
  segments: string,
  verb?: string,
  variables?: string[],
][] = [
  ["1: the root alone is a template", "/", ""],
  ["1: literals", "/shelves/all", "shelves all"],
  ["2: a wildcard is a whole segment", "/*/a/**", "* a **"],
  ["3: {var} equals {var=*}", "/a/{b}", "a *", "", ["b:1-2"]],
  ["3: {var=*} equals {var}", "/a/{b=*}", "a *", "", ["b:1-2"]],
  ["3: field paths", "/a/{a.b.c}", "a *", "", ["a.b.c:1-2"]],
  ["3: an underscore is an identifier", "/{_}", "*", "", ["_:0-1"]],
  [
    "4: a variable of several segments",
    "/v1/{name=shelves/*/books/*}",
    "v1 shelves * books *",
    "",
    ["name:1-5+"],
  ],
  ["4: a literal inside of a variable", "/a/{b=c}", "a c", "", ["b:1-2"]],
  ["4: a variable with **", "/a/{b=c/**}", "a c **", "", ["b:1-3+"]],
  ["4: ** alone is several segments", "/a/{b=**}", "a **", "", ["b:1-2+"]],
  ["4: two variables", "/a/{x=b/*}/{y=d/**}", "a b * d **", "", ["x:1-3+", "y:3-5+"]],
  ["5: ** followed by literals", "/a/{b=c/**}/d/e", "a c ** d e", "", ["b:1-3+"]],
  [
    "5: ** followed by literals inside of a variable",
    "/a/{b=c/**/d}/e:verb",
    "a c ** d e",
    "verb",
    ["b:1-4+"],
  ],
  ["7: a verb after a literal", "/a/b/c:foo", "a b c", "foo"],
  ["7: a verb after *", "/*:verb", "*", "verb"],
  ["7: a verb after **", "/a/**:verb", "a **", "verb"],
  ["7: a verb after a variable", "/a/{b}:verb", "a *", "verb", ["b:1-2"]],
  ["8: a verb with a colon of its own", "/a/{b}:c:d", "a *", "c:d", ["b:1-2"]],
  [
    "8: other signs of a segment",
    "/a=b&c;d/endpoint.rdf,~!$'()+@",
    "a=b&c;d endpoint.rdf,~!$'()+@",
  ],
  ["9: an encoded slash stays encoded, in capitals", "/my%2fcool", "my%2Fcool"],
  ["9: an encoded literal equals the decoded one", "/%61b%C3%A9", "abé"],
  ["9: an encoded star is a literal", "/%2A/{x=%2a%2A/**}:%2c", "* ** **", ",", ["x:1-3+"]],
  ["9: an escape that is not UTF-8 is kept, in capitals", "/x%ab", "x%AB"],
];

const rejected: [name: string, ...sources: string[]][] = [
  ["1: no leading slash", "", "a", "a/b", "{x}", "a/{x}/b:verb", ":verb", ":"],
  ["1: a trailing slash", "/a/", "/a/{x}/"],
  ["1: an empty segment", "//", "/a//b"],
  ["1: a query or whitespace", "/foo?abc=def", "/foo bar", "/foo\t", " /a", "/a#b"],
  ["2: text glued to a wildcard", "/bar*", "/*bar", "/a/b*c", "/***", "/a/***"],
  ["2: text glued to a variable", "/a{x}", "/{x}a", "/a{x}b", "/{x}{y}", "/{x}a{y}", "/a/b{x}c/s"],
  [
    "3: names that are no identifiers",
    "/{1}",
    "/{field.1}",
    "/{-}",
    "/{field-}",
    "/{a..b}",
    "/{.a}",
  ],
  [
    "3: unclosed and empty braces",
    "/a/{",
    "/a/{var",
    "/a/{var.",
    "/{var=",
    "/{}",
    "/{x=}",
    "/a}",
    "/{x}}",
  ],
  [
    "4: a slash first in a variable",
    "/a/{var=/b}",
    "/{x=/a}",
    "{x=/a/b}",
    "/{x=a/}",
    "/foo/{bar/baz}/b",
  ],
  [
    "5: a wildcard after **",
    "/a/**/*",
    "/a/**/foo/*",
    "/a/**/**",
    "/a/{x=b/**}/{y}",
    "/{x=**}/b/{y=**}",
  ],
  ["6: a variable in a variable", "/{var=a/{nested=b}}", "/{a={b}}"],
  ["6: a variable named twice", "/{a}/{a}", "/{a.b}/x/{a.b=*}"],
  ["7: a verb that is not at the end", "/a/b:c/d", "/a/{x=var:verb}", "/{x=a}:b/c"],
  ["7: an empty verb", "/a:", "/*:", "/a/**:", "/{var}:", "/a/b/:", "/a::b", "/a:b:"],
  ["7: a verb of the root", "/:verb", "/a/:verb", "/:"],
  ["7: a verb with a wildcard", "/a:*", "/a:{x}", "/a:b*"],
  ["9: an invalid escape", "/a%", "/a%2", "/a%2z", "/a:b%1"],
];

describe("parseTemplate", () => {
  for (const [name, source, segments, verb = "", variables = []] of accepted) {
    it(`${name}: ${source}`, () => {
      assert.deepEqual(summary(source), { segments, verb, variables });
    });
  }

  for (const [name, ...sources] of rejected) {
    for (const source of sources) {
      it(`${name}: rejects "${source}"`, () => {
        assert.throws(() => parsePathTemplate(source), PathTemplateError);
      });
    }
  }

  it("names the template and the place of the mistake", () => {
    assert.throws(
      () => parsePathTemplate("/a/b:c/d"),
      /"\/a\/b:c\/d", character 5: unexpected ":"/,
    );
  });

  it("throws nothing but TemplateError, whatever the text", () => {
    const signs = fc.constantFrom(
      "/",
      "*",
      "**",
      "{",
      "}",
      "=",
      ":",
      ".",
      "a",
      "b_1",
      "%2f",
      "%",
      " ",
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(signs, { maxLength: 12 }).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const { segments } = parsePathTemplate(text);
          return segments.length > 0 || text === "/";
        } catch (error) {
          return error instanceof PathTemplateError;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
