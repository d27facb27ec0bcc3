import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import type { Page } from "playwright-core";
import {
  createPicture,
  sendPicture,
  startPictureHost,
} from "../../apps/gateway/testing/picture-host.ts";
import { type Member, register } from "../base/accounts.ts";
import { browserSuite, skipWithoutBrowser, waitForText } from "./browser-suite.ts";
import { createDirectChat, sendMessage } from "./chat-page.ts";

const phone = "+44 20 7946 0991";
const pictureHost = await startPictureHost();

describe("privacy", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite({ env: { PLAZA_PICTURE_HOSTS: pictureHost.host } });

  it("of an author's phone number is the author's choice: nobody, members, everybody", async () => {
    const vera = await register(site.url, "vera");
    const text = { title: "Call me", body: "Or do not.", idempotencyKey: "call" };
    const { id } = (await vera.request("POST /v1/posts", text)).as(PostSchema);
    const owner = await site.openAsMember(vera, "/account");
    await owner.getByLabel("Phone").fill(phone);
    await owner.getByRole("button", { name: "Save" }).click();
    await waitForText(owner, "Profile saved.");
    await owner.getByRole("link", { name: "Privacy" }).click();

    const expected: [choice: RegExp, admin: boolean, member: boolean, visitor: boolean][] = [
      [/^No one/, true, false, false],
      [/^Members/, true, true, false],
      [/^Everyone/, true, true, true],
    ];
    for (const [choice, admin, member, visitor] of expected) {
      const saved = owner.waitForResponse(/UserService\/UpdateUser$/);
      await owner.getByLabel(choice).click();
      assert.equal((await saved).status(), 200);
      const path = `/posts/${id}`;
      assert.equal(await seesPhone(await site.openAs("admin1", path)), admin, `admin, ${choice}`);
      assert.equal(await seesPhone(await site.openAs("nonadmin4", path)), member, `${choice}`);
      assert.equal(await seesPhone(await site.open(path)), visitor, `visitor, ${choice}`);
    }
  });

  it("of an e-mail address is never given up", async () => {
    const { id, email } = await register(site.url, "walt");
    const page = await site.openAs("nonadmin4", `/members/${id}`);
    await waitForText(page, "No posts yet");
    assert.ok(!(await page.content()).includes(email));
    const asAdmin = await site.openAs("admin1", `/members/${id}`);
    await waitForText(asAdmin, email);
  });

  describe("of a reader, towards hosts of pictures", () => {
    let author: Member;
    let postId: string;
    const body = ["a.png", "missing.png", "b.svg"]
      .map((name) => `![This is ${name}](${pictureHost.url(`/${name}`)})`)
      .join("\n\n");
    before(async () => {
      const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`);
      pictureHost.serve("/a.png", sendPicture(await createPicture("png")));
      pictureHost.serve("/b.svg", sendPicture(svg, "image/svg+xml"));
      author = await register(site.url, "pia");
      await author.request(`PATCH /v1/users/${author.id}`, {
        avatarUrl: `https://${pictureHost.host}/me.png`,
      });
      const post = { title: "Pictures", body };
      postId = (await author.request("POST /v1/posts", post)).as(PostSchema).id;
    });

    it("is kept by a post: its page asks Plaza alone, which asks the host once", async () => {
      const page = await site.open("/sign-in");
      const urls: string[] = [];
      page.on("request", (request) => urls.push(request.url()));
      await page.goto(`${site.url}/posts/${postId}`);
      await waitForPicture(page);
      assert.deepEqual(
        urls.filter((url) => new URL(url).origin !== site.url),
        [],
      );
      assert.ok(urls.some((url) => url.includes("/pictures?")));
      await waitForPicture(await site.open(`/posts/${postId}`));
      const [headers, ...more] = pictureHost.requests.get("/a.png") ?? [];
      assert.equal(more.length, 0);
      assert.deepEqual([headers?.["user-agent"], headers?.referer], ["Plaza", undefined]);
    });

    it("is kept by a placeholder with a link where a picture cannot be loaded", async () => {
      const page = await site.open(`/posts/${postId}`);
      const links = page.getByRole("link", { name: `Open picture on ${pictureHost.host}` });
      await links.nth(1).waitFor();
      assert.equal(await links.first().getAttribute("href"), pictureHost.url("/missing.png"));
      assert.match((await links.first().getAttribute("rel")) ?? "", /noreferrer/);
      await waitForText(page, "This is missing.png");
      assert.equal(await page.locator(".prose img").count(), 1);
      assert.equal(await page.locator(".prose img").getAttribute("loading"), "lazy");
    });

    it("is kept by the page's policy, did a picture get around that", async () => {
      const page = await site.open("/");
      const violated = await page.evaluate(
        (src) =>
          new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) =>
              resolve(event.violatedDirective),
            );
            document.body.append(Object.assign(document.createElement("img"), { src }));
          }),
        pictureHost.url("/around.png"),
      );
      assert.equal(violated, "img-src");
      assert.equal(pictureHost.requests.has("/around.png"), false);
    });

    it("is kept by a preview, which loads a picture when it is clicked", async () => {
      pictureHost.serve("/new.png", sendPicture(await createPicture("png")));
      const page = await site.openAsMember(author, "/write");
      const text = `![A picture](${pictureHost.url("/new.png")})`;
      await page.getByLabel("Text").fill(text);
      const show = page.getByRole("button", { name: "Show picture: A picture" });
      await show.waitFor();
      assert.equal(pictureHost.requests.has("/new.png"), false);
      await show.click();
      await waitForPicture(page);
    });

    it("is kept by a chat, where Plaza does not ask before the reader does", async () => {
      pictureHost.serve("/chat.png", sendPicture(await createPicture("png")));
      const reader = await register(site.url, "rosa");
      const chat = await createDirectChat(author, reader);
      await sendMessage(author, chat, `![A cat](${pictureHost.url("/chat.png")})`);
      const page = await site.openAsMember(reader, `/chats/${chat.id}`);
      const show = page.getByRole("button", { name: "Show picture: A cat" });
      await show.waitFor();
      assert.equal(pictureHost.requests.has("/chat.png"), false);
      await show.click();
      await waitForPicture(page);
      assert.equal(pictureHost.requests.get("/chat.png")?.length, 1);
    });
  });
});

/** Waits until the first picture of the text has been drawn. */
async function waitForPicture(page: Page): Promise<void> {
  await page.locator(".prose img").first().scrollIntoViewIfNeeded();
  await page.waitForFunction(
    () => (document.querySelector<HTMLImageElement>(".prose img")?.naturalWidth ?? 0) > 0,
  );
}

async function seesPhone(page: Page): Promise<boolean> {
  const author = page.getByRole("region", { name: "Author" });
  await author.getByRole("button", { name: "Details" }).click();
  await author.getByText("Joined").last().waitFor();
  return (await author.getByText(phone).count()) > 0;
}
