import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { register, signInDemo } from "../base/accounts.ts";
import { createProduct } from "../base/shop-fixtures.ts";
import {
  browserSuite,
  signIn,
  skipWithoutBrowser,
  waitForHeading,
  waitForNetworkIdle,
  waitForText,
} from "./browser-suite.ts";

describe("the cart", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("counts at once, before the server has answered", async () => {
    const { page } = await filled({ "Two lamps": 2 });
    const answers = Promise.withResolvers<void>();
    await page.route("**/plaza.shop.v1.ShopService/SetCartItem", async (route) => {
      await answers.promise;
      await route.fallback();
    });
    const more = page.getByRole("button", { name: "Increase quantity of Two lamps" });
    await more.click();
    await more.click();
    await page.getByRole("link", { name: "Cart, 4 items" }).waitFor();
    await page.getByRole("status").getByText("€10.00").waitFor();
    answers.resolve();
    await waitForNetworkIdle(page);
    await page.reload();
    await page.getByRole("status").getByText("€10.00").waitFor();
  });

  it("takes a typed quantity, as much as there may be", async () => {
    const { page } = await filled({ "Red chair": 1 }, { maxQuantity: 5 });
    const quantity = page.getByRole("textbox", { name: "Quantity of Red chair" });
    await quantity.fill("40");
    await quantity.press("Enter");
    await page.getByRole("link", { name: "Cart, 5 items" }).waitFor();
    assert.equal(await quantity.inputValue(), "5");
  });

  it("gives back what was taken out, and keeps the focus among its rows", async () => {
    const { page } = await filled({ Apple: 1, Pear: 2 });
    await page.getByRole("button", { name: "Remove Apple" }).click();
    assert.equal(await focusedText(page), "Pear");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Remove Apple" }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === "Apple");
    await page.getByRole("button", { name: "Remove Apple" }).click();
    await page.getByRole("button", { name: "Remove Pear" }).click();
    await waitForText(page, "Your cart is empty");
    assert.equal(await focusedText(page), "Cart");
    await waitForText(page, "Pear removed from your cart.");
    await page.getByRole("button", { name: "Undo" }).last().click();
    await page.getByRole("link", { name: "Cart, 2 items" }).waitFor();
  });

  it("is cleared, and filled again by undoing that", async () => {
    const { page } = await filled({ Apple: 1, Pear: 2 });
    await page.getByRole("button", { name: "Clear cart" }).click();
    await waitForText(page, "Your cart is empty");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("link", { name: "Cart, 3 items" }).waitFor();
  });

  it("reloads when it was changed in another window", async () => {
    const { page, member, ids } = await filled({ Apple: 1 });
    await member.request(`PATCH /v1/carts/me/items/${ids[0]}`, { quantity: 7 });
    await page.getByRole("button", { name: "Increase quantity of Apple" }).click();
    await waitForText(page, "Your cart has changed.");
    await page.getByRole("link", { name: "Cart, 7 items" }).waitFor();
    await page.getByRole("button", { name: "Increase quantity of Apple" }).click();
    await page.getByRole("link", { name: "Cart, 8 items" }).waitFor();
  });

  it("shows what has changed of its products, with an action for each", async () => {
    const { page, admin, ids } = await filled({
      Apple: 3,
      Pear: 2,
      Plum: 1,
      Fig: 1,
      Nut: 9,
    });
    const [apple, pear, plum, fig, nut] = ids;
    await admin.request(`POST /v1/products/${apple}:restock`, { quantity: -99_998 });
    await admin.request(`POST /v1/products/${pear}:restock`, { quantity: -100_000 });
    await admin.request(`DELETE /v1/products/${plum}`);
    await admin.request(`PATCH /v1/products/${fig}`, { priceMinor: "400" });
    await admin.request(`PATCH /v1/products/${nut}`, { maxQuantity: 2 });
    await page.reload();
    const row = (name: string) => page.getByRole("listitem").filter({ hasText: name });
    await waitForText(page, "Review the marked items before you check out.");
    await row("Fig").getByText("Price changed from €2.50 to €4.00").waitFor();
    await row("Fig").getByRole("button", { name: "Dismiss" }).click();
    await row("Fig").getByText("Price changed").waitFor({ state: "detached" });
    await row("Apple").getByText("Only 2 left").waitFor();
    await row("Apple").getByRole("button", { name: "Change to 2" }).click();
    await row("Pear").getByText("Sold out").waitFor();
    await row("Pear").getByRole("button", { name: "Remove", exact: true }).click();
    await row("Plum").getByText("No longer available").waitFor();
    await row("Plum").getByRole("button", { name: "Remove", exact: true }).click();
    await row("Nut").getByText("Limit 2 per order").waitFor();
    await row("Nut").getByRole("button", { name: "Change to 2" }).click();
    await page.getByRole("link", { name: "Check out" }).waitFor();
    await page.getByRole("status").getByText("€14.00").waitFor();
  });

  it("counts an addition once, though its answer gets lost", async () => {
    const { page, ids } = await filled({ Apple: 1 });
    await page.goto(`${site.url}/shop/${ids[0]}`);
    let requestCount = 0;
    await page.route("**/plaza.shop.v1.ShopService/AddCartItem", async (route) => {
      requestCount += 1;
      if (requestCount > 3) return route.fallback();
      await route.fetch();
      await route.abort();
    });
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("alert").getByText("Plaza cannot be reached.").waitFor();
    await page.getByRole("button", { name: "Add to cart" }).click();
    await waitForText(page, "Apple added to your cart.");
    await page.getByRole("link", { name: "Cart, 2 items" }).waitFor();
  });

  it("of a visitor is one, though two tabs begin it at once", async () => {
    const admin = await signInDemo(site.url, "admin1");
    const ids = [await createProduct(admin), await createProduct(admin)];
    const first = await site.open(`/shop/${ids[0]}`);
    const second = await first.context().newPage();
    await second.goto(`${site.url}/shop/${ids[1]}`);
    const sent: string[] = [];
    const answers = Promise.withResolvers<void>();
    await first.context().route("**/plaza.shop.v1.ShopService/AddCartItem", async (route) => {
      sent.push(route.request().url());
      await answers.promise;
      await route.fallback();
    });
    await first.getByRole("button", { name: "Add to cart" }).click();
    await second.getByRole("button", { name: "Add to cart" }).click();
    await second.waitForFunction(async () => (await navigator.locks.query()).pending?.length === 1);
    assert.equal(sent.length, 1);
    answers.resolve();
    await second.getByRole("link", { name: "Cart, 2 items" }).waitFor();
  });

  it("of a visitor joins that of the member, also when the merging comes late", async () => {
    const admin = await signInDemo(site.url, "admin1");
    const [own, other] = [await createProduct(admin), await createProduct(admin, { name: "Kite" })];
    const member = await register(site.url, "kim");
    await member.request("POST /v1/carts/me/items", { productId: own, quantity: 1 });
    const page = await site.open(`/shop/${other}`);
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "Cart, 1 item" }).waitFor();
    await page.reload();
    await page.getByRole("link", { name: "Cart, 1 item" }).waitFor();
    const merging = "**/plaza.shop.v1.ShopService/MergeCart";
    await page.route(merging, (route) => route.abort());
    await page.goto(`${site.url}/sign-in?next=/cart`);
    await signIn(page, member.email, member.password);
    await waitForText(page, "Plaza cannot be reached.");
    await page.unroute(merging);
    await page.reload();
    await page.getByRole("link", { name: "Cart, 2 items" }).waitFor();
    await page.reload();
    await page.getByRole("link", { name: "Cart, 2 items" }).waitFor();
  });

  it("of a visitor stays theirs when it cannot join that of the member", async () => {
    const admin = await signInDemo(site.url, "admin1");
    const yen = await createProduct(admin, { name: "Fan", priceMinor: "1250", currency: "JPY" });
    const { member } = await filled({ Apple: 1 });
    const page = await site.open(`/shop/${yen}`);
    await waitForText(page, "¥1,250");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "Cart, 1 item" }).waitFor();
    await page.goto(`${site.url}/sign-in?next=/cart`);
    await signIn(page, member.email, member.password);
    await waitForText(
      page,
      "Your carts could not be combined: their prices are in different currencies.",
    );
    await page
      .getByRole("list", { name: "In your cart" })
      .getByRole("link", { name: "Apple" })
      .waitFor();
    await page.getByRole("button", { name: /^Account menu:/ }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Cart, 1 item" }).click();
    await page
      .getByRole("list", { name: "In your cart" })
      .getByRole("link", { name: "Fan" })
      .waitFor();
  });

  it("turns into a visitor's when the session has ended elsewhere", async () => {
    const { page, member, ids } = await filled({ Apple: 1 });
    await page.goto(`${site.url}/shop/${ids[0]}`);
    await page.getByRole("link", { name: "Cart, 1 item" }).waitFor();
    await member.request("POST /v1/auth:changePassword", {
      currentPassword: member.password,
      newPassword: `${member.password}!`,
    });
    await page.getByRole("button", { name: "Add to cart" }).click();
    await waitForText(page, "Your session has ended. Sign in again.");
    await page.getByRole("link", { name: "Sign in" }).waitFor();
  });

  /** A new member on the page of their cart, with new products at 2.50 € each, by name and quantity. */
  async function filled(wanted: Record<string, number>, more: object = {}) {
    const admin = await signInDemo(site.url, "admin1");
    const member = await register(site.url, "carl");
    const ids: string[] = [];
    for (const [name, quantity] of Object.entries(wanted)) {
      const productId = await createProduct(admin, { name, ...more });
      await member.request("POST /v1/carts/me/items", { productId, quantity });
      ids.push(productId);
    }
    const page = await site.openAsMember(member, "/cart");
    await waitForHeading(page, "Cart");
    await page.getByRole("list", { name: "In your cart" }).waitFor();
    return { page, member, admin, ids };
  }
});

function focusedText(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.textContent);
}
