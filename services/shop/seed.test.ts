import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { UserService } from "@plaza/contract/users/v1/users";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import { stub } from "@plaza/kit/testing/plaza";
import { demoCarts, demoProducts } from "./demo-products.ts";
import { testShop } from "./testing/test-shop.ts";

const ids: Record<string, string> = {
  ada: "01980000-0000-7000-8000-000000000001",
  bruno: "01980000-0000-7000-8000-000000000002",
  clara: "01980000-0000-7000-8000-000000000003",
};

describe("the demo products", () => {
  const users = stub(UserService, {
    async findUserByNickname({ nickname }) {
      const id = ids[nickname];
      if (id) return { id };
      throw toConnectError(new Fault("not_found", "NO_SUCH_USER", nickname), "users.plaza");
    },
  });
  const shop = testShop({ stubs: [users] });
  const list = async () => (await shop.anonymousClient().listProducts({ pageSize: 100 })).products;

  it("are two dozen, inserted once, oldest first, each with a picture", async () => {
    await Promise.all([shop.host().seed(), shop.host().seed()]);
    const products = await list();
    assert.deepEqual(
      products.map(({ name }) => name),
      demoProducts.map(({ name }) => name).toReversed(),
    );
    assert.equal(products.length, 24);
    for (const { pictureUrls } of products) {
      const file = new URL(`../../apps/web/public${pictureUrls[0]}`, import.meta.url);
      assert.ok(existsSync(file), `${file}`);
    }
    await shop.host().seed();
    assert.deepEqual(await list(), products);
  });

  it("are in the carts of those demo accounts that exist, and can be bought", async () => {
    for (const [nickname, userId] of Object.entries(ids)) {
      const { items } = await shop.adminClient().getCart({ userId });
      const wanted = Object.entries(demoCarts[nickname] ?? {}).map(([picture, quantity]) => [
        `/demo/${picture}.svg`,
        quantity,
      ]);
      assert.deepEqual(
        items.map(({ pictureUrl, quantity }) => [pictureUrl, quantity]),
        wanted,
      );
      await shop.memberClient(userId).checkOut({ idempotencyKey: "demo" });
    }
  });

  it("fit the rules of the contract", async () => {
    for (const { name, description, priceMinor, currency, stock, pictureUrls } of await list()) {
      await shop.createProduct({ name, description, priceMinor, currency, stock, pictureUrls });
    }
  });
});
