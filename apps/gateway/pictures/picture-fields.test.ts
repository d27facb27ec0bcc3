import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { UserService } from "@plaza/contract/users/v1/users";
import { holdsUrl, pictureFieldsOf } from "./picture-fields.ts";

describe("pictureFieldsOf", () => {
  const namesIn = (method: Parameters<typeof pictureFieldsOf>[0]) =>
    pictureFieldsOf(method).map(({ name }) => name);

  it("names what the contract marks in the response of a read", () => {
    assert.deepEqual(namesIn(PostService.method.getPost), ["body"]);
    assert.deepEqual(namesIn(ShopService.method.getProduct), ["description", "picture_urls"]);
    assert.deepEqual(namesIn(UserService.method.getUser), ["avatar_url"]);
    assert.deepEqual(namesIn(ChatService.method.getMessage), ["text"]);
  });

  it("names nothing of writes and streams", () => {
    assert.deepEqual(namesIn(PostService.method.createPost), []);
    assert.deepEqual(namesIn(ChatService.method.subscribe), []);
  });
});

describe("holdsUrl", () => {
  const url = "https://a.example/b.png?c=1&d=2";

  it("finds a URL as it is, and in the forms that Markdown has for it", () => {
    const texts = [
      url,
      `![a picture](${url})`,
      `![a picture](<${url}> "title")`,
      `![a picture][1]\n\n[1]: ${url}`,
      "![a](https://a.example/b.png?c=1&amp;d=2)",
      "![a](https://a.example/b\\.png?c=1&d=2)",
    ];
    assert.deepEqual(
      texts.filter((text) => !holdsUrl(text, url)),
      [],
    );
    assert.ok(holdsUrl("![a](<https://a.example/é b.png>)", "https://a.example/%C3%A9%20b.png"));
    assert.ok(holdsUrl("![a](https://a.example/(b).png)", "https://a.example/(b).png"));
    assert.ok(holdsUrl("https://a.example/50%-off.png", "https://a.example/50%-off.png"));
  });

  it("finds no other URL", () => {
    const others = ["https://a.example/b.png?c=1&d=23", "https://b.example/b.png?c=1&d=2", ""];
    assert.deepEqual(
      others.filter((text) => holdsUrl(text, url)),
      [],
    );
    assert.ok(holdsUrl("https://a.example/b https://a.example/", "https://a.example/"));
    assert.ok(!holdsUrl("https://a.example/b", "https://a.example/"));
  });
});
