import type { Cart, CartItem } from "@plaza/contract/shop/v1/carts";
import { useState } from "react";
import { useCartAddition, useCartChange } from "./cart.ts";
import { describe } from "./faults.ts";
import { toast } from "./toasts.ts";

/** The row that is to take the focus; a new object each time. */
export type RowFocus = { productId: string } | undefined;

/** Takes products out of the cart, offers to put them back, and says which row has the focus then. */
export function useCartRemoval() {
  const change = useCartChange();
  const { mutateAsync: add } = useCartAddition();
  const [focus, setFocus] = useState<RowFocus>();
  const restore = async ({ productId, quantity }: CartItem) => {
    try {
      await add({ productId, quantity });
      setFocus({ productId });
    } catch (error) {
      toast(describe(error));
    }
  };
  const remove = async ({ items }: Cart, item: CartItem) => {
    setFocus(neighbour(items, item));
    if (!(await change({ kind: "remove", productId: item.productId }))) return;
    toast(`${item.name} is taken out.`, { name: "Undo", run: () => void restore(item) });
  };
  return { focus, remove };
}

function neighbour(items: readonly CartItem[], item: CartItem): RowFocus {
  const index = items.indexOf(item);
  const next = items[index + 1] ?? items[index - 1];
  return next && { productId: next.productId };
}
