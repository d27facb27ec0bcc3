import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pictureSrc } from "./picture-src.ts";

describe("pictureSrc", () => {
  it("names the picture, the resource that holds it, and the size", () => {
    const src = pictureSrc("https://a.example/é.png?b=1&c=2", "/v1/posts/1", "large");
    assert.ok(src.startsWith("/pictures?"));
    assert.deepEqual(Object.fromEntries(new URL(src, "http://plaza").searchParams), {
      url: "https://a.example/é.png?b=1&c=2",
      of: "/v1/posts/1",
      size: "large",
    });
    assert.ok(!pictureSrc("https://a.example/", undefined, "small").includes("of="));
  });

  it("leaves paths of the site alone", () => {
    assert.equal(pictureSrc("/demo/mug.svg", "/v1/products/1", "small"), "/demo/mug.svg");
  });
});
