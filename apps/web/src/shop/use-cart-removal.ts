import type { Cart, CartItem } from "@plaza/contract/shop/v1/carts";
import { useState } from "react";
import { errorMessage } from "../lib/error-messages.ts";
import { focusHeading } from "../ui/focus-heading.ts";
import { toast } from "../ui/toasts.ts";
import { useAddToCart, useChangeCart } from "./cart.ts";

/** The row that is to take the focus, a new object each time; without one it is the heading. */
export type FocusedRow = { productId: string } | undefined;

/** Takes products out of the cart, offers to put them back, and says which row has the focus then. */
export function useCartRemoval() {
  const change = useChangeCart();
  const { mutateAsync: add } = useAddToCart();
  const [focus, setFocus] = useState<FocusedRow>();
  const restore = async (items: readonly CartItem[]) => {
    try {
      for (const { productId, quantity } of items) await add({ productId, quantity });
      setFocus(items.at(0));
    } catch (error) {
      toast(errorMessage(error));
    }
  };
  const offerBack = (text: string, items: readonly CartItem[]) =>
    toast(text, { label: "Undo", onPress: () => void restore(items) });
  const focusOn = (row: FocusedRow) => {
    setFocus(row);
    if (!row) focusHeading();
  };
  return {
    focus,
    remove: async ({ items }: Cart, item: CartItem) => {
      focusOn(neighbour(items, item));
      const isDone = await change({ kind: "remove", productId: item.productId });
      if (isDone) offerBack(`${item.name} is taken out.`, [item]);
    },
    clear: async ({ items }: Cart) => {
      focusOn(undefined);
      if (await change({ kind: "clear" })) offerBack("Your cart is cleared.", items);
    },
  };
}

function neighbour(items: readonly CartItem[], item: CartItem): FocusedRow {
  const index = items.indexOf(item);
  const next = items[index + 1] ?? items[index - 1];
  return next && { productId: next.productId };
}
