import { Availability, type Cart, type CartItem } from "@plaza/contract/shop/v1/carts";

/** An idempotent change of a cart. Adding to it is not one. */
export type CartChange =
  | { readonly kind: "set"; readonly productId: string; readonly quantity: number }
  | { readonly kind: "remove"; readonly productId: string }
  | { readonly kind: "clear" };

/** Applies pending changes to the server's last state of the cart, for optimistic display. */
export function applyCartChanges(cart: Cart, changes: readonly CartChange[]): Cart {
  if (changes.length === 0) return cart;
  const items = changes.reduce(applyCartChange, cart.items);
  return {
    ...cart,
    items,
    quantity: items.reduce((sum, { quantity }) => sum + quantity, 0),
    totalMinor: items.reduce((sum, { totalMinor }) => sum + totalMinor, 0n),
  };
}

/** Whether each item is available in its quantity. */
export function canCheckOut({ items }: Cart): boolean {
  return items.every(({ availability }) => availability === Availability.AVAILABLE);
}

function applyCartChange(items: CartItem[], change: CartChange): CartItem[] {
  switch (change.kind) {
    case "clear":
      return [];
    case "remove":
      return items.filter(({ productId }) => productId !== change.productId);
    case "set":
      return items.map((item) =>
        item.productId === change.productId ? withQuantity(item, change.quantity) : item,
      );
  }
}

function withQuantity(item: CartItem, quantity: number): CartItem {
  const { priceMinor, availability, stock, maxQuantity } = item;
  const isOnSale = availability !== Availability.RETIRED && stock > 0;
  const maxAvailable = Math.min(stock, maxQuantity);
  return {
    ...item,
    quantity,
    addedPriceMinor: priceMinor,
    totalMinor: BigInt(quantity) * priceMinor,
    availability: isOnSale && quantity <= maxAvailable ? Availability.AVAILABLE : availability,
  };
}
