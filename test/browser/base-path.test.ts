import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { demoPassword } from "../base/accounts.ts";
import {
  browserSuite,
  signIn,
  skipWithoutBrowser,
  waitForHeading,
  waitForNetworkIdle,
} from "./browser-suite.ts";

const port = await findFreePort();

describe("a site below a path", { skip: skipWithoutBrowser }, () => {
  const publicUrl = `http://localhost:${port}/community`;
  const site = browserSuite({ env: { PLAZA_PORT: `${port}`, PLAZA_PUBLIC_URL: publicUrl } });

  it("asks its host for nothing beside it, from page to page and signed in", async () => {
    const page = await site.open("/docs");
    await page.goto("about:blank");
    const paths = new Set<string>();
    const failures: string[] = [];
    page.on("request", (request) => paths.add(new URL(request.url()).pathname));
    page.on("response", (response) => {
      if (response.status() >= 400) failures.push(`${response.status()} ${response.url()}`);
    });
    page.on("pageerror", (error) => failures.push(String(error)));

    await page.goto(`${publicUrl}/shop`);
    await waitForHeading(page, "Shop");
    await page.getByRole("main").getByRole("link").first().click();
    await page.waitForURL(`${publicUrl}/shop/**`);
    await waitForNetworkIdle(page);
    await page.goto(`${publicUrl}/sign-in?next=%2Fchats`);
    await signIn(page, "nonadmin3@email.com", demoPassword);
    await page.waitForURL(`${publicUrl}/chats`);
    await page.reload();
    await waitForNetworkIdle(page);
    assert.deepEqual(failures, []);
    assert.ok(paths.size > 10);
    assert.deepEqual(
      [...paths].filter((path) => !path.startsWith("/community/")),
      [],
    );
    const [cookie] = await page.context().cookies(publicUrl);
    assert.equal(cookie?.path, "/community");
  });
});

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
