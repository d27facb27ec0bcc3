import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { newNickname, register, signInDemo } from "../base/accounts.ts";
import { createProduct } from "../base/shop-fixtures.ts";
import { browserSuite, skipWithoutBrowser, waitForHeading, waitForText } from "./browser-suite.ts";

describe("the shop", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  describe("a purchase", () => {
    it("goes from a visitor's cart to a delivered order, past an admin", async () => {
      const nickname = newNickname("vic");
      const page = await site.open("/");
      await page.getByRole("link", { name: "Shop", exact: true }).first().click();
      await waitForHeading(page, "Shop");
      await page.getByRole("searchbox", { name: "Search products" }).fill("mug");
      await page.getByRole("link", { name: "Market Square mug" }).click();
      await waitForHeading(page, "Market Square mug");
      await page.getByRole("button", { name: "Increase quantity of Market Square mug" }).click();
      await page.getByRole("button", { name: "Add to cart" }).click();
      await waitForText(page, "Market Square mug added to your cart.");
      await page.getByRole("button", { name: "View cart" }).click();
      await waitForHeading(page, "Cart");
      await waitForText(page, "€25.00");

      await page.getByRole("link", { name: "Check out" }).click();
      await waitForHeading(page, "Sign in");
      await page.getByRole("main").getByRole("link", { name: "Sign up" }).click();
      await waitForHeading(page, "Sign up");
      await page.getByLabel("E-mail").fill(`${nickname}@example.org`);
      await page.getByLabel("Nickname").fill(nickname);
      await page.getByLabel("Password", { exact: true }).fill("a long road home");
      await page.getByRole("button", { name: "Create account" }).click();
      await waitForHeading(page, "Checkout");
      await page.getByRole("region", { name: "Order summary" }).getByText("2 × €12.50").waitFor();
      await page.getByLabel("Recipient").fill("Victor Hale");
      await page.getByText("Delivery", { exact: true }).click();
      await page.getByRole("button", { name: "Place order · €25.00" }).click();
      await waitForText(page, "Enter an address, or choose pickup.");
      await page.getByLabel("Address").fill("Mill Lane 3");
      await page.getByRole("button", { name: "Place order · €25.00" }).dblclick();
      await waitForText(page, "Order placed. Thank you!");
      await waitForText(page, "Pay on pick-up, or by bank transfer with the reference");
      const heading = await page.getByRole("heading", { level: 1 }).textContent();
      const reference = heading?.replace("Order ", "") ?? "";
      await page.getByRole("link", { name: "Cart", exact: true }).waitFor();

      const admin = await site.openAs("admin1", "/admin/orders");
      await advanceOrder(
        admin,
        "Awaiting payment",
        "Mark as paid",
        reference,
        "Cash, at the market",
      );
      await advanceOrder(admin, "Paid", "Mark as shipped", reference, "Tracking number 4711");
      const shipped = admin.getByRole("region", { name: "Shipped" });
      await shipped.getByRole("link", { name: reference }).click();
      await waitForHeading(admin, `Order ${reference}`);
      await admin.getByRole("link", { name: nickname }).waitFor();
      await waitForText(admin, "Mill Lane 3");

      await page.reload();
      const timeline = page.getByRole("list", { name: "Order history" });
      await timeline.getByText("Tracking number 4711").waitFor();
      assert.deepEqual(
        (await timeline.getByRole("listitem").allTextContents()).map(
          (text) => /^[A-Z][a-z]+(?=[A-Z])/.exec(text)?.[0],
        ),
        ["Ordered", "Paid", "Shipped"],
      );
      await page.getByRole("link", { name: "My orders" }).click();
      await waitForHeading(page, "My orders");
      const orders = page.getByRole("list", { name: "Orders" }).getByRole("listitem");
      await orders.getByText(reference).waitFor();
      assert.equal(await orders.count(), 1);
    });

    it("can be called off while it is not paid", async () => {
      const { member, productId } = await setUpBuyer();
      await member.request("POST /v1/carts/me/items", { productId, quantity: 1 });
      const page = await site.openAsMember(member, "/checkout");
      await page.getByRole("button", { name: "Place order · €2.50" }).click();
      await page.getByRole("button", { name: "Cancel order" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Note").fill("Found one at home.");
      await dialog.getByRole("button", { name: "Cancel order" }).click();
      await waitForText(page, "Order cancelled.");
      await page
        .getByRole("list", { name: "Order history" })
        .getByText("Found one at home.")
        .waitFor();
      assert.equal(await page.getByRole("button", { name: "Cancel order" }).count(), 0);
    });

    it("buys nothing that was not seen, and shows where the cart has changed", async () => {
      const { member, admin, productId } = await setUpBuyer();
      await member.request("POST /v1/carts/me/items", { productId, quantity: 3 });
      const page = await site.openAsMember(member, "/checkout");
      const order = page.getByRole("button", { name: /^Place order/ });
      await order.getByText("€7.50").waitFor();

      await admin.request(`PATCH /v1/products/${productId}`, { priceMinor: "300" });
      await order.click();
      await page.getByRole("alert").getByText("Prices have changed.").waitFor();
      await order.getByText("€9.00").waitFor();

      await admin.request(`POST /v1/products/${productId}:restock`, { quantity: -99_998 });
      await order.click();
      await page.getByRole("alert").getByText("There is not enough in stock.").waitFor();
      assert.equal(await order.isDisabled(), true);
      await page.getByRole("button", { name: "Change to 2" }).click();
      await order.getByText("€6.00").waitFor();
      await order.click();
      await waitForText(page, "Order placed. Thank you!");
    });

    it("orders once, however often an unanswered request is repeated", async () => {
      const { member, productId } = await setUpBuyer();
      await member.request("POST /v1/carts/me/items", { productId, quantity: 1 });
      const page = await site.openAsMember(member, "/checkout");
      let requestCount = 0;
      await page.route("**/plaza.shop.v1.ShopService/CheckOut", async (route) => {
        requestCount += 1;
        if (requestCount > 2) return route.fallback();
        await route.fetch();
        await route.abort();
      });
      await page.getByRole("button", { name: "Place order · €2.50" }).click();
      await waitForText(page, "Order placed. Thank you!");
      assert.equal(requestCount, 3);
      const { orders } = (await member.request("GET /v1/orders")).json() as { orders: unknown[] };
      assert.equal(orders.length, 1);
    });

    async function setUpBuyer() {
      const admin = await signInDemo(site.url, "admin1");
      return {
        admin,
        member: await register(site.url, "sue"),
        productId: await createProduct(admin),
      };
    }
  });

  describe("the shop front", () => {
    const names = (page: Page) =>
      page.getByRole("list", { name: "Products" }).getByRole("heading").allTextContents();

    it("keeps search and order in the address", async () => {
      const page = await site.open("/shop");
      await page.getByRole("combobox", { name: "Sort by" }).selectOption("Name");
      await page.waitForURL("**/shop?order=name");
      await page.reload();
      await waitForText(page, "Baker's apron");
      assert.equal((await names(page))[0], "Baker's apron");
      await page.getByRole("combobox", { name: "Sort by" }).selectOption("Highest price");
      await waitForText(page, "Green teapot");
      await page.getByRole("searchbox", { name: "Search products" }).fill("teapot");
      await page.waitForURL("**/shop?q=teapot&order=dearest");
      await page.getByRole("combobox", { name: "Sort by" }).selectOption("Best match");
      await page.waitForURL("**/shop?q=teapot&order=relevance");
      await page.getByRole("link", { name: "Green teapot" }).click();
      await waitForHeading(page, "Green teapot");
      await page.goBack();
      await waitForText(page, "Green teapot");
      assert.deepEqual(await names(page), ["Green teapot"]);
      await page.getByRole("searchbox").fill("xylophones");
      await waitForText(page, "No products found");
    });

    it("shows what is sold out, and what is retired", async () => {
      const admin = await signInDemo(site.url, "admin1");
      const page = await site.open("/shop?q=umbrella");
      await page.getByRole("link", { name: "Blue umbrella" }).click();
      await waitForText(page, "Sold out");
      assert.equal(await page.getByRole("button", { name: "Add to cart" }).count(), 0);
      const retired = await createProduct(admin, { name: "Old lamp" });
      await admin.request(`DELETE /v1/products/${retired}`);
      await page.goto(`${site.url}/shop/${retired}`);
      await waitForText(page, "This product is no longer available.");
      assert.equal(await page.getByRole("button", { name: "Add to cart" }).count(), 0);
    });
  });

  describe("the admin's pages of the shop", () => {
    it("do not exist for others", async () => {
      for (const path of ["/admin/products", "/admin/orders"]) {
        const page = await site.openAs("nonadmin3", path);
        await waitForHeading(page, "Page not found");
      }
    });

    it("put a product on sale, change it, and take it off", async () => {
      const page = await site.openAs("admin1", "/admin/products/new");
      await page.getByLabel("Name").fill("Adler's bench");
      await page.getByLabel("Price").fill("12.345");
      await page.getByLabel("Stock").fill("4");
      await page.getByLabel("Pictures").fill("/demo/mug.svg\nnot an address");
      await page.getByLabel("Description").fill("Seats **three**.");
      await page.getByRole("button", { name: "Add product" }).click();
      await waitForText(page, "Enter a price, for example 12.50.");
      await page.getByLabel("Price").fill("12.34");
      await page.getByRole("button", { name: "Add product" }).click();
      await waitForText(page, "Enter up to 10 addresses");
      await page.getByLabel("Pictures").fill("/demo/mug.svg\n/demo/jam.svg");
      await page.getByRole("button", { name: "Add product" }).click();
      await waitForHeading(page, "Adler's bench");
      await waitForText(page, "4 left");
      assert.equal(await page.locator(".prose strong").textContent(), "three");
      await page.getByRole("button", { name: "Picture 2 of 2" }).click();
      await page
        .getByRole("img", { name: "Adler's bench" })
        .and(page.locator("[src*=jam]"))
        .waitFor();

      await page.getByRole("link", { name: "Edit" }).click();
      await page.getByLabel("Name").fill("Alder bench");
      await page.getByRole("link", { name: "Cancel" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Stay" }).click();
      await page.getByRole("button", { name: "Save" }).click();
      await waitForHeading(page, "Alder bench");

      await page.goto(`${site.url}/admin/products`);
      const price = page.getByRole("textbox", { name: "Price of Alder bench in EUR" });
      await price.fill("free");
      await price.press("Enter");
      await page.getByRole("alert").getByText("Enter a price, for example 12.50.").waitFor();
      await price.fill("15");
      await price.press("Enter");
      await waitForText(page, "Alder bench now costs €15.00.");
      assert.equal(await price.inputValue(), "15.00");
      const stock = page.getByRole("textbox", { name: "Adjust the stock of Alder bench" });
      await stock.fill("-10");
      await stock.press("Enter");
      await waitForText(page, "There are fewer in stock than you want to remove.");
      await stock.fill("+6");
      await stock.press("Enter");
      await waitForText(page, "Stock of Alder bench: 10.");
      await page.getByRole("checkbox", { name: "For sale: Alder bench" }).click();
      await waitForText(page, "Alder bench is no longer for sale.");
      await page.goto(`${site.url}/shop?order=name`);
      await waitForText(page, "Baker's apron");
      assert.equal(await page.getByText("Alder bench").count(), 0);
    });

    it("show what a member has in the cart", async () => {
      const page = await site.openAs("admin1", "/admin/users?q=clara");
      await page.getByRole("button", { name: "Actions for clara" }).click();
      await page.getByRole("link", { name: "Cart", exact: true }).last().click();
      await waitForHeading(page, "Cart of clara");
      await page.getByRole("list", { name: "Items" }).getByText("Sunflower seeds").waitFor();
    });
  });
});

/** Applies a transition to an order on the admin's board, with a note. */
async function advanceOrder(
  page: Page,
  column: string,
  name: string,
  reference: string,
  note: string,
): Promise<void> {
  const region = page.getByRole("region", { name: column, exact: true });
  await region.getByRole("button", { name: `${name}: ${reference}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Note").fill(note);
  await dialog.getByRole("button", { name }).click();
  await dialog.waitFor({ state: "detached" });
  await region.getByRole("link", { name: reference }).waitFor({ state: "detached" });
}
