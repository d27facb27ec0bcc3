import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { Availability, type Cart } from "@plaza/contract/shop/v1/carts";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
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
        [userId, [], 0n, '"0"'],
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
      assert.deepEqual([removed.items, removed.etag], [[], '"0"']);
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
});
