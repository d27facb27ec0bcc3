import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { Availability, type Cart } from "@plaza/contract/shop/v1/carts";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { sweep } from "./jobs/sweep.ts";
import { lockProducts } from "./store/products.ts";
import { testShop } from "./testing/test-shop.ts";

const contents = ({ items }: Cart) => items.map(({ name, quantity }) => `${quantity} ${name}`);

describe("carts", () => {
  const shop = testShop();
  const countCarts = async () => (await shop.db("shop")`select from cart`).count;

  describe("GetMyCart", () => {
    it("returns an empty cart when there is none, and never writes", async () => {
      const before = await countCarts();
      const userId = randomUUID();
      const cart = await shop.memberClient(userId).getMyCart({});
      assert.deepEqual(
        [cart.userId, cart.items, cart.totalMinor, cart.etag],
        [userId, [], 0n, "0"],
      );
      const stranger = await shop.anonymousClient().getMyCart({ cartToken: "plz_ct_nothing" });
      assert.deepEqual([stranger.userId, stranger.items, stranger.cartToken], ["", [], ""]);
      assert.equal(await countCarts(), before);
    });

    it("shows when the maximum of a product was lowered", async () => {
      const { id } = await shop.createProduct({ stock: 50, maxQuantity: 9 });
      const buyer = shop.memberClient();
      const added = await buyer.addCartItem({ productId: id, quantity: 9 });
      const product = { id, maxQuantity: 4 };
      await shop.adminClient().updateProduct({ product, updateMask: { paths: ["max_quantity"] } });
      assert.equal((await buyer.getMyCart({})).items[0]?.availability, Availability.TOO_MANY);
      const order = buyer.checkOut({ idempotencyKey: "key", etag: added.etag });
      await assertRefused(order, Code.FailedPrecondition, "TOO_MANY_IN_CART");
      const { items } = await buyer.setCartItem({ productId: id, quantity: 4 });
      assert.equal(items[0]?.availability, Availability.AVAILABLE);
    });

    it("computes all sums, and shows changed prices and availability", async () => {
      const [mug, jam, tea] = [
        await shop.createProduct({
          name: "mug",
          pictureUrls: ["/a.svg", "/b.svg"],
          maxQuantity: 9,
        }),
        await shop.createProduct({ name: "jam", priceMinor: 400n }),
        await shop.createProduct({ name: "tea" }),
      ];
      const buyer = await shop.newBuyer(mug, jam, tea);
      const before = await buyer.setCartItem({ productId: mug.id, quantity: 3 });
      assert.deepEqual(contents(before), ["3 mug", "1 jam", "1 tea"]);
      assert.deepEqual(
        [before.quantity, before.totalMinor, before.currency],
        [5, 3n * 250n + 400n + 250n, "EUR"],
      );
      await shop.adminClient().updateProduct({
        product: { id: jam.id, priceMinor: 500n },
        updateMask: { paths: ["price_minor"] },
      });
      await shop.adminClient().restockProduct({ id: mug.id, quantity: -3 });
      await shop.adminClient().restockProduct({ id: jam.id, quantity: -5 });
      await shop.adminClient().retireProduct({ id: tea.id });
      const { items, totalMinor, etag } = await buyer.getMyCart({});
      const [first, second, third] = items;
      assert.deepEqual(
        [first?.pictureUrl, first?.stock, first?.maxQuantity, first?.availability],
        ["/a.svg", 2, 9, Availability.NOT_ENOUGH],
      );
      assert.deepEqual(
        [second?.addedPriceMinor, second?.priceMinor, second?.totalMinor, second?.availability],
        [400n, 500n, 500n, Availability.SOLD_OUT],
      );
      assert.equal(third?.availability, Availability.RETIRED);
      assert.equal(totalMinor, 3n * 250n + 500n + 250n);
      assert.equal(etag, before.etag);
    });
  });

  describe("GetCart", () => {
    it("returns any member's cart to admins only", async () => {
      const mug = await shop.createProduct({ name: "mug" });
      const userId = randomUUID();
      await shop.memberClient(userId).addCartItem({ productId: mug.id, quantity: 2 });
      const cart = await shop.adminClient().getCart({ userId: userId.toUpperCase() });
      assert.deepEqual([cart.userId, contents(cart)], [userId, ["2 mug"]]);
      assert.deepEqual((await shop.adminClient().getCart({ userId: randomUUID() })).items, []);
      const peeking = shop.memberClient().getCart({ userId });
      await assertRefused(peeking, Code.PermissionDenied, "ROLE_REQUIRED");
      await assertRefused(
        shop.anonymousClient().getCart({ userId }),
        Code.Unauthenticated,
        "NOT_SIGNED_IN",
      );
    });
  });

  describe("AddCartItem", () => {
    it("adds to the quantity, one line per product", async () => {
      const mug = await shop.createProduct({ name: "mug" });
      const member = shop.memberClient();
      await member.addCartItem({ productId: mug.id, quantity: 1 });
      const cart = await member.addCartItem({ productId: mug.id.toUpperCase(), quantity: 2 });
      assert.deepEqual(contents(cart), ["3 mug"]);
      assert.deepEqual(await member.getMyCart({}), cart);
    });

    it("counts once per key, also under concurrent requests", async () => {
      const mug = await shop.createProduct({ name: "mug" });
      const member = shop.memberClient();
      const request = { productId: mug.id, quantity: 2, idempotencyKey: "once" };
      const carts = await Promise.all(
        Array.from({ length: 20 }, () => member.addCartItem(request)),
      );
      for (const cart of carts) assert.deepEqual(contents(cart), ["2 mug"]);
      const other = member.addCartItem({ ...request, quantity: 1 });
      await assertRefused(other, Code.AlreadyExists, "KEY_REUSED");
      const removed = await member.removeCartItem({ productId: mug.id, idempotencyKey: "2" });
      assert.deepEqual(contents(removed), []);
      assert.deepEqual(contents(await member.addCartItem(request)), []);
    });

    it("loses no concurrent addition, from the first write on", async () => {
      const mug = await shop.createProduct({ name: "mug", stock: 200 });
      const member = shop.memberClient();
      await Promise.all(
        Array.from({ length: 32 }, () => member.addCartItem({ productId: mug.id, quantity: 3 })),
      );
      assert.deepEqual(contents(await member.getMyCart({})), ["96 mug"]);
    });

    it("refuses with a reason, and changes nothing", async () => {
      const mug = await shop.createProduct({ name: "mug", maxQuantity: 4 });
      const rare = await shop.createProduct({ name: "rare", stock: 2 });
      const gone = await shop.createProduct({ name: "gone" });
      await shop.adminClient().retireProduct({ id: gone.id });
      const foreign = await shop.createProduct({ name: "foreign", currency: "SEK" });
      const member = await shop.newBuyer(mug);
      const before = await member.getMyCart({});
      const add = (productId: string, quantity = 1, more = {}) =>
        member.addCartItem({ productId, quantity, ...more });
      await assertRefused(add(randomUUID()), Code.NotFound, "NO_SUCH_PRODUCT");
      await assertRefused(add(gone.id), Code.FailedPrecondition, "PRODUCT_RETIRED");
      await assertRefused(add(mug.id, 4), Code.InvalidArgument, "QUANTITY_TOO_LARGE");
      await assertRefused(add(rare.id, 3), Code.FailedPrecondition, "NOT_ENOUGH_STOCK");
      await assertRefused(add(foreign.id), Code.FailedPrecondition, "OTHER_CURRENCY");
      await assertRefused(add(mug.id, 1, { etag: "0" }), Code.Aborted, "CART_CHANGED");
      for (const quantity of [0, -1, 100]) {
        await assertRefused(add(mug.id, quantity), Code.InvalidArgument, "INVALID_REQUEST");
      }
      assert.deepEqual(await member.getMyCart({}), before);
    });

    it("holds at most 100 products", async () => {
      const [one, ...rest] = await Promise.all(
        Array.from({ length: 101 }, () => shop.createProduct()),
      );
      const member = await shop.newBuyer(...rest);
      const call = member.addCartItem({ productId: one?.id ?? "", quantity: 1 });
      await assertRefused(call, Code.FailedPrecondition, "CART_FULL");
    });
  });

  describe("SetCartItem, RemoveCartItem and ClearCart", () => {
    it("set, remove and clear, whether the line existed or not", async () => {
      const mug = await shop.createProduct({ name: "mug" });
      const jam = await shop.createProduct({ name: "jam" });
      const member = shop.memberClient();
      const removed = await member.removeCartItem({ productId: mug.id });
      assert.deepEqual([removed.items, removed.etag], [[], "0"]);
      await member.setCartItem({ productId: mug.id, quantity: 2 });
      await member.setCartItem({ productId: jam.id, quantity: 1 });
      const set = await member.setCartItem({ productId: mug.id, quantity: 5 });
      assert.deepEqual(contents(set), ["5 mug", "1 jam"]);
      const one = await member.removeCartItem({ productId: mug.id });
      assert.deepEqual(contents(one), ["1 jam"]);
      assert.deepEqual((await member.clearCart({})).items, []);
      assert.deepEqual((await member.clearCart({})).items, []);
    });

    it("lose no update of 32 concurrent tabs with etags", async () => {
      const mug = await shop.createProduct({ name: "mug", stock: 200 });
      const member = await shop.newBuyer(mug);
      let conflicts = 0;
      const tab = async () => {
        for (;;) {
          const { items, etag } = await member.getMyCart({});
          const quantity = (items[0]?.quantity ?? 0) + 1;
          try {
            await member.setCartItem({ productId: mug.id, quantity, etag });
            return;
          } catch (err) {
            assert.equal(reasonOf(err), "CART_CHANGED");
            assert.ok(err instanceof ConnectError && err.code === Code.Aborted);
            conflicts += 1;
          }
        }
      };
      await Promise.all(Array.from({ length: 32 }, tab));
      assert.deepEqual(contents(await member.getMyCart({})), ["33 mug"]);
      assert.ok(conflicts > 0);
    });

    it("refuse with a reason", async () => {
      const mug = await shop.createProduct({ stock: 3 });
      const member = await shop.newBuyer(mug);
      const { id: productId } = mug;
      const stale = { etag: "0" };
      const tooMany = member.setCartItem({ productId, quantity: 4 });
      await assertRefused(tooMany, Code.FailedPrecondition, "NOT_ENOUGH_STOCK");
      const set = member.setCartItem({ productId, quantity: 2, ...stale });
      await assertRefused(set, Code.Aborted, "CART_CHANGED");
      const remove = member.removeCartItem({ productId, ...stale });
      await assertRefused(remove, Code.Aborted, "CART_CHANGED");
      await assertRefused(member.clearCart(stale), Code.Aborted, "CART_CHANGED");
      await member.clearCart({ idempotencyKey: "key" });
      const reused = member.removeCartItem({ productId, idempotencyKey: "key" });
      await assertRefused(reused, Code.AlreadyExists, "KEY_REUSED");
    });
  });

  describe("an anonymous cart", () => {
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
