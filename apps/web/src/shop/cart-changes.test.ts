import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Availability, type Cart, CartSchema } from "@plaza/contract/shop/v1/carts";
import { applyCartChanges, canCheckOut } from "./cart-changes.ts";

const { AVAILABLE, NOT_ENOUGH, RETIRED } = Availability;

describe("applyCartChanges", () => {
  it("computes the sums after quantities change", () => {
    const cart = applyCartChanges(mugsAndJam(), [
      { kind: "set", productId: "mug", quantity: 3 },
      { kind: "set", productId: "mug", quantity: 4 },
    ]);
    assert.deepEqual(summary(cart), ["mug 4 5000", "jam 1 480"]);
    assert.equal(cart.quantity, 5);
    assert.equal(cart.totalMinor, 5480n);
  });

  it("removes one product, or all", () => {
    const cart = mugsAndJam();
    assert.deepEqual(summary(applyCartChanges(cart, [{ kind: "remove", productId: "mug" }])), [
      "jam 1 480",
    ]);
    assert.equal(applyCartChanges(cart, [{ kind: "remove", productId: "mug" }]).totalMinor, 480n);
    assert.deepEqual(summary(applyCartChanges(cart, [{ kind: "clear" }])), []);
    assert.equal(applyCartChanges(cart, [{ kind: "clear" }]).quantity, 0);
  });

  it("ignores products that are not in the cart", () => {
    const cart = mugsAndJam();
    const changes = [{ kind: "set", productId: "tea", quantity: 2 }] as const;
    assert.deepEqual(summary(applyCartChanges(cart, changes)), summary(cart));
  });

  it("does not change its argument", () => {
    const cart = mugsAndJam();
    applyCartChanges(cart, [{ kind: "set", productId: "mug", quantity: 9 }, { kind: "clear" }]);
    assert.deepEqual(summary(cart), ["mug 2 2500", "jam 1 480"]);
  });

  it("makes an item available when its quantity falls to the stock, unless it is retired", () => {
    const cart = mugsAndJam();
    Object.assign(cart.items[0] ?? {}, { stock: 1, availability: NOT_ENOUGH });
    assert.equal(canCheckOut(cart), false);
    const fewer = applyCartChanges(cart, [{ kind: "set", productId: "mug", quantity: 1 }]);
    assert.equal(canCheckOut(fewer), true);
    Object.assign(cart.items[0] ?? {}, { availability: RETIRED });
    const retired = applyCartChanges(cart, [{ kind: "set", productId: "mug", quantity: 1 }]);
    assert.equal(canCheckOut(retired), false);
  });
});

/** Two mugs at 12.50 and one jam at 4.80. */
function mugsAndJam(): Cart {
  const more = { stock: 10, maxQuantity: 10, availability: AVAILABLE };
  return create(CartSchema, {
    currency: "EUR",
    quantity: 3,
    totalMinor: 2980n,
    items: [
      { ...more, productId: "mug", quantity: 2, priceMinor: 1250n, totalMinor: 2500n },
      { ...more, productId: "jam", quantity: 1, priceMinor: 480n, totalMinor: 480n },
    ],
  });
}

function summary({ items }: Cart): string[] {
  return items.map(
    ({ productId, quantity, totalMinor }) => `${productId} ${quantity} ${totalMinor}`,
  );
}
