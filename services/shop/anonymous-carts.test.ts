import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import type { Cart } from "@plaza/contract/shop/v1/carts";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { sweep } from "./jobs/sweep.ts";
import { lockProducts } from "./store/products.ts";
import { testShop } from "./testing/test-shop.ts";

const contents = ({ items }: Cart) => items.map(({ name, quantity }) => `${quantity} ${name}`);

describe("anonymous carts", () => {
  const shop = testShop();
  const countCarts = async () => (await shop.db("shop")`select from cart`).count;

  describe("AddCartItem without an account", () => {
    it("is created by the first product, and identified by a token that is returned once", async () => {
      const mug = await shop.createProduct({ name: "mug" });
      const made = await shop.anonymousClient().addCartItem({ productId: mug.id, quantity: 1 });
      const { cartToken } = made;
      assert.match(cartToken, /^plz_ct_[\w-]{43}$/);
      const add = { productId: mug.id, quantity: 2, cartToken };
      const more = await shop.anonymousClient().addCartItem(add);
      assert.deepEqual([contents(more), more.cartToken, more.userId], [["3 mug"], "", ""]);
      const read = await shop.anonymousClient().getMyCart({ cartToken });
      assert.deepEqual(contents(read), ["3 mug"]);
      const rows = await shop.db("shop")`select cart::text as text from cart`;
      assert.ok(!JSON.stringify(rows).includes(cartToken.slice(7)));
    });

    it("gets a new token in place of one without a cart", async () => {
      const mug = await shop.createProduct();
      const planted = `plz_ct_${"a".repeat(43)}`;
      const add = { productId: mug.id, quantity: 1, cartToken: planted };
      const { cartToken } = await shop.anonymousClient().addCartItem(add);
      assert.notEqual(cartToken, planted);
      assert.notEqual(cartToken, "");
      assert.deepEqual((await shop.anonymousClient().getMyCart({ cartToken: planted })).items, []);
    });

    it("expires after 30 days without use, members' carts do not; keys expire after a day", async () => {
      const mug = await shop.createProduct();
      const member = await shop.newBuyer(mug);
      const key = { idempotencyKey: "kept for a day" };
      await member.setCartItem({ productId: mug.id, quantity: 2, ...key });
      const add = { productId: mug.id, quantity: 1 };
      const { cartToken } = await shop.anonymousClient().addCartItem(add);
      const days = (count: number) => new Date(Date.now() + count * 24 * 60 * 60 * 1_000);
      const count = async () =>
        (await shop.anonymousClient().getMyCart({ cartToken })).items.length;
      await sweep({ db: shop.db("shop"), now: () => days(29) });
      assert.equal(await count(), 1);
      await sweep({ db: shop.db("shop"), now: () => days(31) });
      assert.equal(await count(), 0);
      assert.equal((await member.getMyCart({})).quantity, 2);
      assert.equal((await shop.db("shop")`select from cart_write`).count, 0);
    });
  });

  describe("MergeCart", () => {
    const guest = async (...items: [productId: string, quantity: number][]) => {
      let cartToken = "";
      for (const [productId, quantity] of items) {
        const cart = await shop.anonymousClient().addCartItem({ productId, quantity, cartToken });
        cartToken ||= cart.cartToken;
      }
      return cartToken;
    };

    it("moves all lines, adds up quantities of products in both, and is done once", async () => {
      const mug = await shop.createProduct({ name: "mug" });
      const jam = await shop.createProduct({ name: "jam", stock: 99, maxQuantity: 6 });
      const member = shop.memberClient();
      await member.addCartItem({ productId: jam.id, quantity: 4 });
      const cartToken = await guest([jam.id, 1], [mug.id, 2]);
      const merges = Array.from({ length: 10 }, () => member.mergeCart({ cartToken }));
      for (const cart of await Promise.all(merges)) {
        assert.deepEqual(contents(cart), ["5 jam", "2 mug"]);
      }
      assert.deepEqual((await shop.anonymousClient().getMyCart({ cartToken })).items, []);
      const again = await member.mergeCart({ cartToken: await guest([jam.id, 5]) });
      assert.deepEqual(contents(again), ["6 jam", "2 mug"]);
    });

    it("loses and doubles no line under concurrent writes", async () => {
      for (let round = 0; round < 10; round += 1) {
        const mug = await shop.createProduct({ stock: 99 });
        const member = shop.memberClient();
        const cartToken = await guest([mug.id, 1]);
        const add = { productId: mug.id, quantity: 1, cartToken };
        const calls = Array.from({ length: 20 }, async (_, n) => {
          if (n % 4 === 3) await member.mergeCart({ cartToken });
          else return (await shop.anonymousClient().addCartItem(add)).cartToken;
        });
        const tokens = new Set(await Promise.all(calls));
        for (const token of tokens) if (token) await member.mergeCart({ cartToken: token });
        assert.equal((await member.getMyCart({})).quantity, 16);
      }
    });

    it("keeps the order of the anonymous cart, after the member's lines", async () => {
      const names = ["a", "b", "c", "d", "e"];
      const products = await Promise.all(names.map((name) => shop.createProduct({ name })));
      const member = await shop.newBuyer(...products.slice(0, 1));
      const items = products.slice(1).reverse();
      const cartToken = await guest(...items.map(({ id }): [string, number] => [id, 1]));
      const wanted = ["1 a", "1 e", "1 d", "1 c", "1 b"];
      assert.deepEqual(contents(await member.mergeCart({ cartToken })), wanted);
      const more = await shop.createProduct({ name: "f" });
      await member.addCartItem({ productId: more.id, quantity: 1 });
      assert.deepEqual(contents(await member.getMyCart({})), [...wanted, "1 f"]);
    });

    it("creates a cart for a member without one, and one for two concurrent requests", async () => {
      const mug = await shop.createProduct({ name: "mug" });
      const cartToken = await guest([mug.id, 2]);
      const carts = await Promise.all(
        [shop.memberClient(), shop.memberClient()].map((member) => member.mergeCart({ cartToken })),
      );
      assert.deepEqual(carts.flatMap(contents), ["2 mug"]);
    });

    it("changes nothing without an anonymous cart", async () => {
      const before = await countCarts();
      for (const cartToken of ["", "nonsense", `plz_ct_${"b".repeat(43)}`]) {
        assert.deepEqual((await shop.memberClient().mergeCart({ cartToken })).items, []);
      }
      assert.equal(await countCarts(), before);
      const nobody = shop.anonymousClient().mergeCart({ cartToken: "" });
      await assertRefused(nobody, Code.Unauthenticated, "NOT_SIGNED_IN");
    });

    it("does not wait for check-outs of the same products", async () => {
      const [mug, jam] = [await shop.createProduct(), await shop.createProduct()];
      const cartToken = await guest([mug.id, 1]);
      const [buyer, other] = [shop.memberClient(), shop.memberClient()];
      await shop.db("shop").begin(async (tx) => {
        await lockProducts(tx, [mug.id, jam.id]);
        const done = Promise.all([
          buyer.mergeCart({ cartToken }),
          other.addCartItem({ productId: jam.id, quantity: 1 }),
        ]);
        await Promise.race([done, sleep(10_000).then(() => assert.fail("they wait"))]);
      });
      assert.equal((await buyer.getMyCart({})).quantity, 1);
    });

    it("counts once when a request is repeated after the merge", async () => {
      const { id: productId } = await shop.createProduct({ name: "mug" });
      const cartToken = await guest([productId, 1]);
      const member = shop.memberClient();
      const request = { productId, quantity: 2, cartToken, idempotencyKey: "unanswered" };
      await shop.anonymousClient().addCartItem(request);
      await member.mergeCart({ cartToken });
      assert.deepEqual(contents(await member.addCartItem(request)), ["3 mug"]);
    });

    it("changes neither cart when their currencies differ", async () => {
      const mug = await shop.createProduct({ name: "mug" });
      const foreign = await shop.createProduct({ name: "foreign", currency: "SEK" });
      const member = await shop.newBuyer(mug);
      const cartToken = await guest([foreign.id, 1]);
      const merge = member.mergeCart({ cartToken });
      await assertRefused(merge, Code.FailedPrecondition, "OTHER_CURRENCY");
      assert.deepEqual(contents(await member.getMyCart({})), ["1 mug"]);
      assert.deepEqual(contents(await shop.anonymousClient().getMyCart({ cartToken })), [
        "1 foreign",
      ]);
      const many = await Promise.all(Array.from({ length: 100 }, () => shop.createProduct()));
      const full = await shop.newBuyer(...many);
      const tooMuch = full.mergeCart({ cartToken: await guest([mug.id, 1]) });
      await assertRefused(tooMuch, Code.FailedPrecondition, "CART_FULL");
    });
  });
});
