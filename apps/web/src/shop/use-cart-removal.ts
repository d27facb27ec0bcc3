import type { Cart, CartItem } from "@plaza/contract/shop/v1/carts";
import { useState } from "react";
import { errorMessage } from "../lib/error-message.ts";
import { t } from "../lib/messages.ts";
import { focusHeading } from "../ui/focus-heading.ts";
import { isolate } from "../ui/isolate.ts";
import { toast } from "../ui/toasts.ts";
import { useAddToCart, useChangeCart } from "./cart.ts";

/** The row that takes the focus, a new object for each removal; undefined for the heading. */
export type FocusedRow = { productId: string } | undefined;

/** Removes products from the cart, offers to undo that, and moves the focus to a neighbouring row. */
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
  const offerUndo = (text: string, items: readonly CartItem[]) =>
    toast(text, { label: t("ui.common.undo"), onPress: () => void restore(items) });
  const focusOn = (row: FocusedRow) => {
    setFocus(row);
    if (!row) focusHeading();
  };
  return {
    focus,
    remove: async ({ items }: Cart, item: CartItem) => {
      focusOn(neighbourOf(items, item));
      const isDone = await change({ kind: "remove", productId: item.productId });
      if (isDone) offerUndo(t("shop.cart.removed", { name: isolate(item.name) }), [item]);
    },
    clear: async ({ items }: Cart) => {
      focusOn(undefined);
      if (await change({ kind: "clear" })) offerUndo(t("shop.cart.cleared"), items);
    },
  };
}

function neighbourOf(items: readonly CartItem[], item: CartItem): FocusedRow {
  const index = items.indexOf(item);
  const next = items[index + 1] ?? items[index - 1];
  return next && { productId: next.productId };
}
