import assert from "node:assert/strict";
import { randomUUIDv7 } from "node:crypto";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { ProductService } from "@plaza/contract/shop/v1/shop";
import { testPlaza } from "@plaza/kit/testing";
import { assertRefused } from "@plaza/kit/testing-refusal";
import { shop } from "./main.ts";

describe("ProductService", () => {
  const plaza = testPlaza({ services: [shop] });
  const owner = { account: { id: randomUUIDv7() } };
  const stranger = { account: { id: randomUUIDv7() } };

  it("gives an owner what they wrote", async () => {
    const client = plaza.client(ProductService, owner);
    const { id } = await client.createProduct({ text: " buy chalk " });
    assert.equal((await client.getProduct({ id })).text, "buy chalk");
  });

  it("keeps a product from strangers, but not from admins", async () => {
    const { id } = await plaza.client(ProductService, owner).createProduct({ text: "mine" });
    const admin = { account: { id: randomUUIDv7(), roles: ["admin"] } };
    assert.equal((await plaza.client(ProductService, admin).getProduct({ id })).text, "mine");
    const reading = plaza.client(ProductService, stranger).getProduct({ id });
    await assertRefused(reading, Code.PermissionDenied, "NOT_YOUR_PRODUCT");
  });

  it("says so when there is no such product", async () => {
    const reading = plaza.client(ProductService, owner).getProduct({ id: randomUUIDv7() });
    await assertRefused(reading, Code.NotFound, "NO_SUCH_PRODUCT");
  });

  it("makes and announces a product once, however often the request is repeated", async () => {
    const request = { text: "once", idempotencyKey: "key" };
    const client = plaza.client(ProductService, owner);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => client.createProduct(request)),
    );
    assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
    const events = await plaza.db("shop")`
      select type from event where aggregate_id = ${answers[0]?.id ?? ""}`;
    assert.deepEqual([...events], [{ type: "plaza.shop.v1.ProductCreated" }]);
    const other = client.createProduct({ ...request, text: "other" });
    await assertRefused(other, Code.AlreadyExists, "KEY_REUSED");
  });
});
