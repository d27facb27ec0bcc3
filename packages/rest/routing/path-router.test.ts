import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type PathTemplate, parsePathTemplate } from "../binding/path-template.ts";
import { pathVariableValue } from "../binding/path-value.ts";
import { createPathRouter } from "./path-router.ts";

/** Finds a path among GET templates: the template and its variables, as one writes them. */
function finder(...sources: string[]): (path: string) => string | undefined {
  const router = createPathRouter<PathTemplate>();
  for (const source of sources) {
    const template = parsePathTemplate(source);
    router.add("GET", template, template);
  }
  return (path) => {
    const found = router.find("GET", path);
    if (!found || !("route" in found)) return undefined;
    const { route, segments } = found;
    const values = route.variables.map(
      (one) => `${one.path}=${pathVariableValue(route, one, segments)}`,
    );
    return [route.source, ...values].join(" ");
  };
}

type Case = [
  name: string,
  templates: string[],
  expected: [path: string, found: string | undefined][],
];

const cases: Case[] = [
  [
    "10: literal beats wildcard, and the longest match wins",
    ["/a/**", "/b/*", "/c/*/d/**", "/c/*/d/e", "/c/f/d/e", "/"],
    [
      ["/a/b", "/a/**"],
      ["/a/b/c", "/a/**"],
      ["/a", "/a/**"],
      ["/b/c", "/b/*"],
      ["/c/u/d/v", "/c/*/d/**"],
      ["/c/v/d/w/x", "/c/*/d/**"],
      ["/c/x/d/e", "/c/*/d/e"],
      ["/c/f/d/e", "/c/f/d/e"],
      ["/", "/"],
      ["/c/x/y/d/z", undefined],
      ["/c//v/d/w/x", undefined],
      ["b/c", undefined],
    ],
  ],
  [
    "10: a literal that leads nowhere does not hide a wildcard",
    ["/a/{x}/c", "/a/b/d", "/{x=**}/e"],
    [
      ["/a/b/c", "/a/{x}/c x=b"],
      ["/a/b/d", "/a/b/d"],
      ["/a/b/e", "/{x=**}/e x=a/b"],
    ],
  ],
  [
    "10: partial, over- and under-specified paths are not found",
    ["/prefix/middle/suffix", "/prefix/{x}/other"],
    [
      ["/prefix", undefined],
      ["/prefix/middle", undefined],
      ["/prefix/middle/suffix/more", undefined],
      ["/prefix/middle/suffix/", undefined],
      ["/prefixmiddle/suffix", undefined],
      ["/prefix/middle/suf", undefined],
      ["", undefined],
      ["/", undefined],
    ],
  ],
  [
    "10: variables of several segments",
    [
      "/{x=a/*}/b/{y=*}/c",
      "/a/{x=b/*}/{y=d/**}",
      "/alpha/{x=*}/beta/{y=**}/gamma",
      "/{x=*}/d/e/f/{y=**}",
    ],
    [
      ["/a/hello/b/world/c", "/{x=a/*}/b/{y=*}/c x=a/hello y=world"],
      ["/a/b/zoo/d/animal/tiger", "/a/{x=b/*}/{y=d/**} x=b/zoo y=d/animal/tiger"],
      ["/alpha/dog/beta/eat/bones/gamma", "/alpha/{x=*}/beta/{y=**}/gamma x=dog y=eat/bones"],
      ["/foo/d/e/f/bar/baz", "/{x=*}/d/e/f/{y=**} x=foo y=bar/baz"],
    ],
  ],
  [
    "5: what follows ** is matched from the end, the longest first",
    [
      "/a/{x=b/**}",
      "/a/{x=b/**}/z",
      "/a/{x=b/**}/y/z",
      "/a/{x=b/**}:verb",
      "/a/{x=b/*/**/y/z}/foo",
    ],
    [
      ["/a/b/hello/world/c", "/a/{x=b/**} x=b/hello/world/c"],
      ["/a/b/world/c/z", "/a/{x=b/**}/z x=b/world/c"],
      ["/a/b/world/c/y/z", "/a/{x=b/**}/y/z x=b/world/c"],
      ["/a/b/world/c:verb", "/a/{x=b/**}:verb x=b/world/c"],
      ["/a/b/foo/bar/baz/y/z/foo", "/a/{x=b/*/**/y/z}/foo x=b/foo/bar/baz/y/z"],
      ["/a/b", "/a/{x=b/**} x=b"],
    ],
  ],
  [
    "8: a verb that a template names wins, another one belongs to the segment",
    ["/person", "/person/{id=*}", "/{x=**}:verb"],
    [
      ["/person:verb", "/{x=**}:verb x=person"],
      ["/person/jason:verb", "/{x=**}:verb x=person/jason"],
      ["/person", "/person"],
      ["/person/jason", "/person/{id=*} id=jason"],
      ["/person/jason:other", "/person/{id=*} id=jason:other"],
      ["/person:other", undefined],
      ["/animal:other", undefined],
      ["/some/other:verb/", undefined],
      ["/person/:verb", "/person/{id=*} id=:verb"],
    ],
  ],
  [
    "8: a colon before the last segment is no verb",
    ["/{a=*}/{b=*}:verb", "/foo/*/hello"],
    [
      ["/some:verb/const:verb", "/{a=*}/{b=*}:verb a=some:verb b=const"],
      ["/foo/other:verb/hello", "/foo/*/hello"],
    ],
  ],
  [
    "8: verbs with colons, and identifiers with colons",
    ["/foo/{id}", "/foo/{id}:verb:subverb", "/foo/{id}:subverb"],
    [
      ["/foo/bar:123", "/foo/{id} id=bar:123"],
      ["/foo/bar:verb:subverb", "/foo/{id}:verb:subverb id=bar"],
      ["/foo/bar:x:subverb", "/foo/{id}:subverb id=bar:x"],
    ],
  ],
  [
    "8: a colon with nothing after it is no verb",
    ["/things", "/things/{id}", "/things/{id}:archive", "/files/{name=**}"],
    [
      ["/things/a:", "/things/{id} id=a:"],
      ["/things/a::", "/things/{id} id=a::"],
      ["/things/a:archive:", "/things/{id} id=a:archive:"],
      ["/things/a::archive", "/things/{id}:archive id=a:"],
      ["/things:", undefined],
      ["/files/a/b:", "/files/{name=**} name=a/b:"],
    ],
  ],
  [
    "9: an escaped escape is another literal",
    ["/a%2Fb", "/c%25"],
    [
      ["/a%2fb", "/a%2Fb"],
      ["/a%252Fb", undefined],
      ["/c%25", "/c%25"],
      ["/c%2525", undefined],
    ],
  ],
  [
    "9: a literal is found however it is escaped",
    ["/caf%c3%a9/a%2fb", "/%2A/x:%2c"],
    [
      ["/caf%C3%A9/a%2Fb", "/caf%c3%a9/a%2fb"],
      ["/c%61f%C3%A9/a%2fb", "/caf%c3%a9/a%2fb"],
      ["/caf%C3%A9/a/b", undefined],
      ["/*/x:,", "/%2A/x:%2c"],
      ["/y/x:,", undefined],
      ["/%zz", undefined],
    ],
  ],
];

describe("createRouter", () => {
  for (const [name, templates, expected] of cases) {
    it(name, () => {
      const find = finder(...templates);
      for (const [path, found] of expected) assert.equal(find(path), found, path);
    });
  }

  it("10: takes a path of a hundred thousand segments", () => {
    const find = finder("/a/{x=**}/z", "/a/{y=**}");
    const long = "/b".repeat(100_000);
    assert.equal(find(`/a${long}/z`)?.length, "/a/{x=**}/z x=".length + long.length - 1);
    assert.equal(find(`/a${long}`)?.slice(0, 14), "/a/{y=**} y=b/");
  });

  it("11: keeps the methods of a path apart, and names them all when none fits", () => {
    const router = createPathRouter<string>();
    router.add("GET", parsePathTemplate("/a/{x}"), "get");
    router.add("PUT", parsePathTemplate("/a/{y}"), "put");
    router.add("POST", parsePathTemplate("/a/b"), "post");
    router.add("*", parsePathTemplate("/any"), "any");
    assert.deepEqual(router.find("GET", "/a/b"), { route: "get", segments: ["a", "b"] });
    assert.deepEqual(router.find("HEAD", "/a/b"), { route: "get", segments: ["a", "b"] });
    assert.deepEqual(router.find("POST", "/a/b"), { route: "post", segments: ["a", "b"] });
    assert.deepEqual(router.find("BREW", "/any"), { route: "any", segments: ["any"] });
    assert.deepEqual(router.find("DELETE", "/a/b"), { allow: ["GET", "HEAD", "POST", "PUT"] });
    assert.equal(router.find("GET", "/b"), undefined);
  });

  it("8: a known verb with a wrong method is not taken for an identifier", () => {
    const router = createPathRouter<string>();
    router.add("POST", parsePathTemplate("/a/{x}:archive"), "archive");
    router.add("DELETE", parsePathTemplate("/a/{x}"), "delete");
    assert.deepEqual(router.find("DELETE", "/a/1:archive"), { allow: ["POST"] });
  });

  it("13: returns the route that an equivalent template has for the same method", () => {
    const router = createPathRouter<string>();
    router.add("GET", parsePathTemplate("/a/{x}/%62:v"), "first");
    router.add("GET", parsePathTemplate("/a/{x}/b"), "without the verb");
    router.add("GET", parsePathTemplate("/a/{x=**}/b:v"), "with more");
    assert.equal(router.add("GET", parsePathTemplate("/a/{y=*}/b:v"), "again"), "first");
    assert.equal(router.add("GET", parsePathTemplate("/a/{y=**}/b:v"), "again"), "with more");
    assert.deepEqual(router.find("GET", "/a/x/b:v"), { route: "first", segments: ["a", "x", "b"] });
  });

  it("8: of all short paths, two lead to one place only if they are escaped differently", () => {
    const find = finder("/a", "/a:v", "/a/{x}", "/a/{x}:v", "/a/{x}:v:w", "/{y}/{z}/a", "/%2F/a");
    const parts = ["a", "v", "w", ":", "/", "%3A", "%2F", "%252F"];
    const spellings = new Map<string, string>();
    for (let size = 1, paths = ["/", "/a/"]; size <= 4; size++) {
      paths = paths.flatMap((path) => parts.map((part) => path + part));
      for (const path of paths) {
        const found = find(path);
        if (found === undefined) continue;
        const spelling = path.replaceAll("%3A", ":");
        assert.equal(spellings.get(found) ?? spelling, spelling);
        spellings.set(found, spelling);
      }
    }
    assert.ok(spellings.size > 500, String(spellings.size));
  });

  it("finds every path that a template's variables were written into", () => {
    const segment = fc
      .string({ minLength: 1, unit: "grapheme" })
      .filter((text) => text.isWellFormed());
    const find = finder("/a/{x}/b/{y=c/*/d}/{z=**}:verb");
    fc.assert(
      fc.property(segment, segment, fc.array(segment), (x, y, z) => {
        const [ex, ey, ...ez] = [x, y, ...z].map(encodeURIComponent);
        const path = `/a/${ex}/b/c/${ey}/d${ez.map((one) => `/${one}`).join("")}:verb`;
        const slashKept = (text: string) => text.replaceAll("/", "%2F");
        const values = `x=${x} y=c/${slashKept(y)}/d z=${z.map(slashKept).join("/")}`;
        assert.equal(find(path), `/a/{x}/b/{y=c/*/d}/{z=**}:verb ${values}`);
      }),
    );
  });
});
