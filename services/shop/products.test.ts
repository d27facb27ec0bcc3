import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { type Product, ProductOrder } from "@plaza/contract/shop/v1/products";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { testShop } from "./testing/test-shop.ts";

describe("products", () => {
  const shop = testShop();

  describe("CreateProduct", () => {
    it("puts a product on sale, with its price, and publishes ProductCreated", async () => {
      const made = await shop.createProduct({ name: " Mug ", pictureUrls: ["/pictures/mug.svg"] });
      assert.deepEqual(
        [made.name, made.priceMinor, made.currency, made.stock, made.maxQuantity, made.active],
        ["Mug", 250n, "EUR", 5, 99, true],
      );
      assert.deepEqual(
        await shop.anonymousClient().getProduct({ id: made.id.toUpperCase() }),
        made,
      );
      const { prices } = await shop.anonymousClient().listProductPrices({ productId: made.id });
      assert.deepEqual(
        prices.map(({ priceMinor, currency, startTime }) => [priceMinor, currency, startTime]),
        [[250n, "EUR", made.createTime]],
      );
      assert.deepEqual(await shop.eventTypesOf(made.id), ["ProductCreated"]);
    });

    it("creates one product per key, also under concurrent requests", async () => {
      const idempotencyKey = randomUUID();
      const made = await Promise.all(
        Array.from({ length: 20 }, () => shop.createProduct({ idempotencyKey })),
      );
      assert.equal(new Set(made.map(({ id }) => id)).size, 1);
      assert.deepEqual(await shop.eventTypesOf(made[0]?.id ?? ""), ["ProductCreated"]);
      const other = shop.createProduct({ idempotencyKey, stock: 6 });
      await assertRefused(other, Code.AlreadyExists, "KEY_REUSED");
    });

    it("refuses invalid products, and callers who are not admins", async () => {
      for (const wrong of [
        { name: " " },
        { name: "n".repeat(126) },
        { priceMinor: -1n },
        { priceMinor: 1_000_000_000n },
        { currency: "euro" },
        { stock: -1 },
        { maxQuantity: 100 },
        { pictureUrls: ["javascript:alert(1)"] },
        { pictureUrls: ["//elsewhere.example/x.svg"] },
        { pictureUrls: ["/\\elsewhere.example/x.svg"] },
      ]) {
        await assertRefused(shop.createProduct(wrong), Code.InvalidArgument, "INVALID_REQUEST");
      }
      const nested = shop.createProduct({ description: "- > ".repeat(500) });
      await assertRefused(nested, Code.InvalidArgument, "MARKDOWN_TOO_COMPLEX");
      const mug = { name: "Mug", currency: "EUR" };
      await assertRefused(
        shop.memberClient().createProduct(mug),
        Code.PermissionDenied,
        "ROLE_REQUIRED",
      );
    });
  });

  describe("UpdateProduct", () => {
    it("changes the fields of the mask, records prices, and publishes a new one", async () => {
      const { id, createTime } = await shop.createProduct();
      const changed = await shop.adminClient().updateProduct({
        product: { id, priceMinor: 300n, name: "Cup", description: "ignored" },
        updateMask: { paths: ["price_minor", "name"] },
      });
      assert.deepEqual(
        [changed.name, changed.priceMinor, changed.description, changed.stock],
        ["Cup", 300n, "Holds *tea*.", 5],
      );
      assert.deepEqual(changed.createTime, createTime);
      await shop.adminClient().updateProduct({
        product: { id, name: "Beaker" },
        updateMask: { paths: ["name"] },
      });
      const first = await shop.anonymousClient().listProductPrices({ productId: id, pageSize: 1 });
      const second = await shop.anonymousClient().listProductPrices({
        productId: id,
        pageSize: 1,
        pageToken: first.nextPageToken,
      });
      assert.deepEqual(
        [...first.prices, ...second.prices].map(({ priceMinor }) => priceMinor),
        [300n, 250n],
      );
      assert.equal(second.nextPageToken, "");
      assert.deepEqual(await shop.eventTypesOf(id), ["ProductCreated", "ProductPriceChanged"]);
    });

    it("lets one of several who read the same product change it, whatever its stock", async () => {
      const { id, etag } = await shop.createProduct();
      const admin = shop.adminClient();
      await admin.restockProduct({ id, quantity: 1 });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, n) =>
          admin.updateProduct({
            product: { id, name: `Cup ${n}`, etag },
            updateMask: { paths: ["name"] },
          }),
        ),
      );
      const winners = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      assert.equal(winners.length, 1);
      assert.deepEqual(await admin.getProduct({ id }), winners[0]);
      await assertRefused(admin.retireProduct({ id, etag }), Code.Aborted, "ETAG_MISMATCH");
      assert.equal((await admin.getProduct({ id })).active, true);
    });

    it("keeps two concurrent changes, and concurrent sales", async () => {
      const { id } = await shop.createProduct({ stock: 100 });
      const values = { id, name: "Cup", description: "New" };
      await Promise.all([
        ...["name", "description"].map((path) =>
          shop.adminClient().updateProduct({ product: values, updateMask: { paths: [path] } }),
        ),
        ...Array.from({ length: 10 }, () =>
          shop.adminClient().restockProduct({ id, quantity: -1 }),
        ),
      ]);
      const { name, description, stock } = await shop.anonymousClient().getProduct({ id });
      assert.deepEqual([name, description, stock], ["Cup", "New", 90]);
    });

    it("refuses with a reason", async () => {
      const { id } = await shop.createProduct();
      const change = (paths: string[], values = {}) =>
        shop.adminClient().updateProduct({ product: { id, ...values }, updateMask: { paths } });
      await assertRefused(change([]), Code.InvalidArgument, "EMPTY_UPDATE_MASK");
      await assertRefused(change(["title"]), Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      for (const fixed of ["stock", "currency"]) {
        await assertRefused(change([fixed]), Code.InvalidArgument, "FIELD_NOT_WRITABLE");
      }
      await assertRefused(change(["name"]), Code.InvalidArgument, "FIELD_REQUIRED");
      const nested = change(["description"], { description: "- > ".repeat(500) });
      await assertRefused(nested, Code.InvalidArgument, "MARKDOWN_TOO_COMPLEX");
      for (const missing of [randomUUID(), ""]) {
        const call = change(["name"], { id: missing, name: "Cup" });
        await assertRefused(call, Code.NotFound, "NO_SUCH_PRODUCT");
      }
    });
  });

  describe("RestockProduct", () => {
    it("increases and decreases, once per key, also under concurrent requests", async () => {
      const { id } = await shop.createProduct();
      const request = { id, quantity: 7, idempotencyKey: "delivery" };
      await Promise.all(
        Array.from({ length: 10 }, () => shop.adminClient().restockProduct(request)),
      );
      assert.equal(await shop.stockOf(id), 12);
      assert.equal((await shop.adminClient().restockProduct({ id, quantity: -2 })).stock, 10);
      const other = shop.adminClient().restockProduct({ ...request, quantity: 8 });
      await assertRefused(other, Code.AlreadyExists, "KEY_REUSED");
    });

    it("refuses with a reason, and changes nothing", async () => {
      const { id } = await shop.createProduct();
      const request = { id, quantity: -6, idempotencyKey: "too many" };
      const call = () => shop.adminClient().restockProduct(request);
      await assertRefused(call(), Code.FailedPrecondition, "STOCK_OUT_OF_RANGE");
      await shop.adminClient().restockProduct({ id, quantity: 1 });
      assert.equal((await call()).stock, 0);
      const unknown = shop.adminClient().restockProduct({ id: randomUUID(), quantity: 1 });
      await assertRefused(unknown, Code.NotFound, "NO_SUCH_PRODUCT");
    });
  });

  describe("RetireProduct", () => {
    it("takes a product off sale without deleting it, publishes that once, and can be undone", async () => {
      const { id } = await shop.createProduct({ name: "Gramophone" });
      const found = async () =>
        (await shop.anonymousClient().searchProducts({ query: "gramophone" })).products.length;
      assert.equal(await found(), 1);
      await shop.adminClient().retireProduct({ id });
      await shop.adminClient().retireProduct({ id });
      assert.equal(await found(), 0);
      assert.equal((await shop.anonymousClient().getProduct({ id })).active, false);
      assert.deepEqual(await shop.eventTypesOf(id), ["ProductCreated", "ProductRetired"]);
      await shop.adminClient().updateProduct({
        product: { id, active: true },
        updateMask: { paths: ["active"] },
      });
      assert.equal(await found(), 1);
      const unknown = shop.adminClient().retireProduct({ id: randomUUID() });
      await assertRefused(unknown, Code.NotFound, "NO_SUCH_PRODUCT");
    });
  });

  describe("GetProduct", () => {
    it("returns the fields of the mask, and refuses with a reason", async () => {
      const { id } = await shop.createProduct();
      const bare = await shop
        .anonymousClient()
        .getProduct({ id, readMask: { paths: ["price_minor"] } });
      assert.deepEqual([bare.id, bare.priceMinor], ["", 250n]);
      const wrong = shop.anonymousClient().getProduct({ id, readMask: { paths: ["title"] } });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      const unknown = shop.anonymousClient().getProduct({ id: randomUUID() });
      await assertRefused(unknown, Code.NotFound, "NO_SUCH_PRODUCT");
      const prices = shop.anonymousClient().listProductPrices({ productId: randomUUID() });
      await assertRefused(prices, Code.NotFound, "NO_SUCH_PRODUCT");
    });
  });
});

describe("lists of products", () => {
  const shop = testShop();
  const made: Product[] = [];

  async function names(order: ProductOrder, as = shop.anonymousClient(), showRetired = false) {
    const found: string[] = [];
    for (let pageToken = "", more = true; more; more = pageToken !== "") {
      const page = await as.listProducts({ order, pageSize: 2, pageToken, showRetired });
      assert.ok(page.products.length <= 2);
      found.push(...page.products.map(({ name }) => name));
      pageToken = page.nextPageToken;
    }
    return found.join(" ");
  }

  it("are newest first, by name, or by price, page by page, without retired products", async () => {
    for (const [name, priceMinor] of [
      ["pear", 30n],
      ["Apple", 20n],
      ["fig", 20n],
      ["Quince", 0n],
      ["date", 50n],
    ] as const) {
      made.push(await shop.createProduct({ name, priceMinor }));
    }
    await shop.adminClient().retireProduct({ id: made[4]?.id ?? "" });
    assert.equal(await names(ProductOrder.UNSPECIFIED), "Quince fig Apple pear");
    assert.equal(await names(ProductOrder.NEWEST), "Quince fig Apple pear");
    assert.equal(await names(ProductOrder.NAME), "Apple fig pear Quince");
    assert.equal(await names(ProductOrder.CHEAPEST), "Quince Apple fig pear");
    assert.equal(await names(ProductOrder.DEAREST), "pear fig Apple Quince");
  });

  it("return retired products to admins on request", async () => {
    const order = ProductOrder.NAME;
    assert.equal(await names(order, shop.adminClient(), true), "Apple date fig pear Quince");
    assert.equal(await names(order, shop.adminClient()), "Apple fig pear Quince");
    assert.equal(await names(order, shop.memberClient(), true), "Apple fig pear Quince");
  });

  it("find words of name and description, newest first, page by page", async () => {
    for (const name of ["Medlar jam", "MEDLAR jelly"]) await shop.createProduct({ name });
    const first = await shop.anonymousClient().searchProducts({ query: "medlar tea", pageSize: 1 });
    const second = await shop.anonymousClient().searchProducts({
      query: "medlar tea",
      pageSize: 1,
      pageToken: first.nextPageToken,
    });
    assert.deepEqual(
      [...first.products, ...second.products].map(({ name }) => name),
      ["MEDLAR jelly", "Medlar jam"],
    );
    for (const query of ['"', "-", "a & | ! <-> (", "' or 1=1 --", "%", "\\"]) {
      await shop.anonymousClient().searchProducts({ query });
    }
  });

  it("sort what they find by choice", async () => {
    for (const [name, description, priceMinor] of [
      ["Sloe gin", "", 300n],
      ["Jam", "of sloe", 200n],
      ["Sloe and sloe", "sloe", 400n],
    ] as const) {
      await shop.createProduct({ name, description, priceMinor });
    }
    for (const [order, expected] of [
      [ProductOrder.RELEVANCE, ["Sloe and sloe", "Sloe gin", "Jam"]],
      [ProductOrder.NAME, ["Jam", "Sloe and sloe", "Sloe gin"]],
      [ProductOrder.CHEAPEST, ["Jam", "Sloe gin", "Sloe and sloe"]],
      [ProductOrder.DEAREST, ["Sloe and sloe", "Sloe gin", "Jam"]],
      [ProductOrder.UNSPECIFIED, ["Sloe and sloe", "Jam", "Sloe gin"]],
    ] as const) {
      const names: string[] = [];
      for (let pageToken = "", page = 0; page < 2; page += 1) {
        const request = { query: "sloe", order, pageSize: 2, pageToken };
        const { products, nextPageToken } = await shop.anonymousClient().searchProducts(request);
        names.push(...products.map(({ name }) => name));
        pageToken = nextPageToken;
      }
      assert.deepEqual(names, expected, `order ${order}`);
    }
    const list = shop.anonymousClient().listProducts({ order: ProductOrder.RELEVANCE });
    await assertRefused(list, Code.InvalidArgument, "INVALID_REQUEST");
  });

  it("refuse with a reason", async () => {
    const token = (...parts: string[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
    const id = randomUUID();
    for (const [order, pageToken] of [
      [ProductOrder.NEWEST, "x"],
      [ProductOrder.NEWEST, token("1'; drop table product")],
      [ProductOrder.NAME, token(id)],
      [ProductOrder.NAME, token("\0", id)],
      [ProductOrder.NAME, token("\ud800", id)],
      [ProductOrder.CHEAPEST, token("99999999999999999999", id)],
      [ProductOrder.DEAREST, token("-1", id)],
    ] as const) {
      const call = shop.anonymousClient().listProducts({ order, pageToken });
      await assertRefused(call, Code.InvalidArgument, "BAD_PAGE_TOKEN");
    }
    const wrong = { paths: ["title"] };
    const list = shop.anonymousClient().listProducts({ readMask: wrong });
    await assertRefused(list, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
    const search = shop.anonymousClient().searchProducts({ query: "a", readMask: wrong });
    await assertRefused(search, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
    const badSearch = shop.anonymousClient().searchProducts({ query: "a", pageToken: "x" });
    await assertRefused(badSearch, Code.InvalidArgument, "BAD_PAGE_TOKEN");
    const prices = shop.anonymousClient().listProductPrices({ productId: id, pageToken: "x" });
    await assertRefused(prices, Code.InvalidArgument, "BAD_PAGE_TOKEN");
  });
});
