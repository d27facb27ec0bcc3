import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import type { Page } from "playwright-core";
import { type Member, register } from "../base/accounts.ts";
import { browserSuite, skipWithoutBrowser, waitForHeading } from "./browser-suite.ts";

/** Each would set window.pwned if any part of it ran. */
const xssVectors = [
  "<script>window.pwned = 1</script>",
  "<img src=x onerror='window.pwned = 1'>",
  "<svg onload='window.pwned = 1'><script>window.pwned = 1</script></svg>",
  "<iframe src='javascript:parent.pwned = 1'></iframe>",
  "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
  "<details open ontoggle='window.pwned = 1'>x</details>",
  "<body onload='window.pwned = 1'>",
  "<a href='javascript:window.pwned=1'>click</a>",
  "<form action='javascript:window.pwned=1'><button>click</button></form>",
  "<math><mtext></form><form><mglyph><style></math><img src onerror=window.pwned=1>",
  "<style>@import 'javascript:window.pwned=1';</style>",
  "<base href='https://evil.example/'>",
  "<meta http-equiv='refresh' content='0;url=javascript:window.pwned=1'>",
  "<object data='javascript:window.pwned=1'></object>",
  "[click](javascript:window.pwned=1)",
  "[click](JaVaScRiPt:window.pwned=1)",
  "[click](java\tscript:window.pwned=1)",
  "[click](&#106;avascript:window.pwned=1)",
  "[click](&#x6A;&#x61;vascript&colon;window.pwned=1)",
  "[click](\u0001javascript:window.pwned=1)",
  "[click](data:text/html;base64,PHNjcmlwdD5wYXJlbnQucHduZWQ9MTwvc2NyaXB0Pg==)",
  "[click](vbscript:window.pwned=1)",
  "[click](blob:https://example.org/1)",
  "[click](//evil.example/)",
  "[click](/v1/auth:logout)",
  "[click][ref]\n\n[ref]: javascript:window.pwned=1",
  "<javascript:window.pwned=1>",
  "![x](javascript:window.pwned=1)",
  "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9InBhcmVudC5wd25lZD0xIi8+)",
  '![x](https://example.invalid/x.png" onerror="window.pwned=1)',
  '[x](https://example.org "\\" onmouseover=\\"window.pwned=1")',
  "```html\n<script>window.pwned = 1</script>\n```",
  '```"onload="window.pwned=1\nx\n```',
  "[^<script>window.pwned=1</script>]: x\n\nx[^<script>window.pwned=1</script>]",
  "| <img src=x onerror=window.pwned=1> |\n| --- |\n| [x](javascript:window.pwned=1) |",
];

describe("a hostile post", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();
  let author: Member;

  before(async () => {
    author = await register(site.url, "mallory");
  });

  it("runs no script, and leads nowhere but to web and mail addresses", async () => {
    const id = await write(`<img src=x onerror=window.pwned=1>`, xssVectors.join("\n\n"));
    const page = await site.open(`/posts/${id}`);
    await waitForHeading(page, "<img src=x onerror=window.pwned=1>");
    await page.locator(".prose").getByText("<iframe src=").first().waitFor();
    await assertNothingRan(page);
    assert.ok((await page.locator(".prose").getByText("click").count()) >= 10);
    for (const link of await page.locator(".prose a").all()) await link.hover();
    await assertNothingRan(page);
  });

  it("runs none in the list, the editor and the preview either", async () => {
    const id = await write("<script>window.pwned=1</script>", xssVectors.slice(0, 12).join("\n\n"));
    const list = await site.open(`/members/${author.id}`);
    await list.getByText("<script>window.pwned=1</script>").first().waitFor();
    await assertNothingRan(list);
    const editor = await site.openAs("admin1", `/posts/${id}/edit`);
    await editor.getByRole("region", { name: "Preview" }).getByText("<iframe").first().waitFor();
    await assertNothingRan(editor);
  });

  it("would be stopped by the page's policy, did it get any markup through", async () => {
    const page = await site.open("/");
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.pwned = 1";
      const image = document.createElement("img");
      image.setAttribute("onerror", "window.pwned = 1");
      image.src = "data:,x";
      document.body.append(script, image);
    });
    await page.waitForTimeout(300);
    assert.equal(await page.evaluate(() => "pwned" in window), false);
  });

  it("links with rel=ugc", async () => {
    const body = "[a](https://example.org/a) [m](mailto:a@example.org)";
    const page = await site.open(`/posts/${await write("Links", body)}`);
    const link = page.locator(".prose a").first();
    assert.equal(await link.getAttribute("rel"), "ugc nofollow noopener");
    assert.equal(await page.locator(".prose a").count(), 2);
  });

  async function write(title: string, body: string): Promise<string> {
    return (await author.request("POST /v1/posts", { title, body })).as(PostSchema).id;
  }
});

async function assertNothingRan(page: Page): Promise<void> {
  await page.waitForTimeout(200);
  const found = await page.evaluate(() => {
    const all = [...document.querySelectorAll("main *")];
    const named = all.flatMap((at) => at.getAttributeNames().map((name) => ({ at, name })));
    return {
      ran: "pwned" in window,
      active: all.filter((at) => at.matches("script, iframe, object, embed, base, meta, style"))
        .length,
      handlers: named.filter(({ name }) => name.startsWith("on")).length,
      addresses: [...document.querySelectorAll(".prose [href], .prose [src]")]
        .map((at) => at.getAttribute("href") ?? at.getAttribute("src") ?? "")
        .filter((address) => !/^(https?:\/\/|mailto:|#user-content-|\/pictures\?)/.test(address)),
    };
  });
  assert.deepEqual(found, { ran: false, active: 0, handlers: 0, addresses: [] });
}
