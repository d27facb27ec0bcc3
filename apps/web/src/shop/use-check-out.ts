import type { Cart } from "@plaza/contract/shop/v1/carts";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { shop } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-message.ts";
import { reasonOf } from "../lib/errors.ts";
import { t } from "../lib/messages.ts";
import { retry } from "../lib/retry.ts";
import { useNavigate } from "../lib/routing/router-contexts.ts";
import { toast } from "../ui/toasts.ts";
import { cartQuery } from "./cart.ts";
import { cacheOrder } from "./order-queries.ts";

export type DeliveryDetails = { deliveryName: string; deliveryAddress: string; note: string };

/** Errors about the state of the cart, which is then read again. */
const cartErrorReasons = new Set([
  "CART_CHANGED",
  "CART_EMPTY",
  "NOT_ENOUGH_STOCK",
  "PRICE_CHANGED",
  "PRODUCT_RETIRED",
  "TOO_MANY_IN_CART",
]);

/** Orders the cart as it is shown; resolves to whether there is an order now. `problem` is a message about the cart that prevented it, or empty. */
export function useCheckOut(cart: Cart) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [problem, setProblem] = useState({ etag: "", text: "" });
  const order = async (delivery: DeliveryDetails): Promise<boolean> => {
    const { etag, totalMinor: expectedTotalMinor } = cart;
    // With the etag as its key, a state of the cart makes one order at most, across tabs and reloads.
    const request = { ...delivery, etag, expectedTotalMinor, idempotencyKey: etag };
    try {
      const placed = await retry(() => shop.checkOut(request));
      await navigate(`/orders/${placed.id}`, { replace: true });
      toast(t("shop.checkOut.placed"));
      await cacheOrder(client, placed);
      await client.invalidateQueries(cartQuery);
      return true;
    } catch (error) {
      const reason = reasonOf(error) ?? "";
      if (reason === "KEY_REUSED") {
        await navigate("/orders", { replace: true });
        toast(t("shop.checkOut.alreadyPlaced"));
        await client.invalidateQueries(cartQuery);
        return true;
      }
      if (cartErrorReasons.has(reason)) {
        await client.invalidateQueries(cartQuery);
        const now = client.getQueryData(cartQuery.queryKey);
        setProblem({ etag: now?.etag ?? "", text: errorMessage(error) });
        return false;
      }
      throw error;
    }
  };
  // The message is about one state of the cart.
  return { order, problem: problem.etag === cart.etag ? problem.text : "" };
}
