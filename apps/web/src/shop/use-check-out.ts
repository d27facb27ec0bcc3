import type { Cart } from "@plaza/contract/shop/v1/carts";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { shop } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-messages.ts";
import { reasonOf } from "../lib/errors.ts";
import { retry } from "../lib/retry.ts";
import { toast } from "../ui/toasts.ts";
import { cartQuery } from "./cart.ts";
import { cacheOrder } from "./order-queries.ts";

export type DeliveryDetails = { deliveryName: string; deliveryAddress: string; note: string };

/** Refusals that are about the cart, which is then shown anew. */
const cartErrorReasons = new Set([
  "CART_CHANGED",
  "CART_EMPTY",
  "NOT_ENOUGH_STOCK",
  "PRICE_CHANGED",
  "PRODUCT_RETIRED",
  "TOO_MANY_IN_CART",
]);

/** Orders what is in the cart, as it is shown. `trouble` is what kept that from being done. */
export function useCheckOut(cart: Cart) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [trouble, setTrouble] = useState({ etag: "", text: "" });
  const order = async (delivery: DeliveryDetails) => {
    const { etag, totalMinor: expectedTotalMinor } = cart;
    // A state of a cart becomes one order at most, from however many presses, tabs and reloads.
    const request = { ...delivery, etag, expectedTotalMinor, idempotencyKey: etag };
    try {
      const placed = await retry(() => shop.checkOut(request));
      await navigate(`/orders/${placed.id}`, { replace: true });
      toast("Thank you. Your order is placed.");
      await cacheOrder(client, placed);
      await client.invalidateQueries(cartQuery);
    } catch (error) {
      const reason = reasonOf(error) ?? "";
      if (reason === "KEY_REUSED") {
        await navigate("/orders", { replace: true });
        toast("This has been ordered already.");
        await client.invalidateQueries(cartQuery);
      } else if (cartErrorReasons.has(reason)) {
        await client.invalidateQueries(cartQuery);
        const now = client.getQueryData(cartQuery.queryKey);
        setTrouble({ etag: now?.etag ?? "", text: errorMessage(error) });
      } else {
        throw error;
      }
    }
  };
  // What is said about a cart is over when that has changed.
  return { order, trouble: trouble.etag === cart.etag ? trouble.text : "" };
}
