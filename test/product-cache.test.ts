import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import { signInDemo } from "./base/accounts.ts";
import { apiClient } from "./base/api-client.ts";
import { suitePlaza } from "./base/running-plaza.ts";
import { createProduct } from "./base/shop-fixtures.ts";

describe("products that are read again and again", () => {
  const plaza = suitePlaza();

  it("are up to date for who has just changed them, and not sent twice", async () => {
    const { request } = await signInDemo(plaza().url, "admin1");
    const visitor = apiClient(plaza().url);
    const path = `/v1/products/${await createProduct(await signInDemo(plaza().url, "admin1"))}`;
    let etag = "";
    for (const name of ["A name", "Another", "A third"]) {
      await request(`PATCH ${path}`, { name });
      for (const read of [visitor, request]) {
        const answer = await read(`GET ${path}`);
        assert.equal(answer.as(ProductSchema).name, name);
        assert.notEqual(answer.headers.get("etag"), etag);
      }
      const { headers } = await visitor(`GET ${path}`);
      etag = headers.get("etag") ?? "";
      const same = await visitor(`GET ${path}`, undefined, { "if-none-match": etag });
      assert.deepEqual([same.status, same.text], [304, ""]);
    }
  });
});
