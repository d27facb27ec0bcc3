import { Availability, type Cart, type CartItem } from "@plaza/contract/shop/v1/carts";

/** What one does to a cart besides adding to it. Doing it twice is doing it once. */
export type CartChange =
  | { readonly kind: "set"; readonly productId: string; readonly quantity: number }
  | { readonly kind: "remove"; readonly productId: string }
  | { readonly kind: "clear" };

/** The cart as the changes will leave it. The server's answer has the last word. */
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

/** Whether all that is in the cart can be bought as it is there. */
export function canCheckOut({ items }: Cart): boolean {
  return items.every(({ availability }) => availability === Availability.AVAILABLE);
}

/** "1 piece", "3 pieces". */
export function formatPieces(quantity: number): string {
  return quantity === 1 ? "1 piece" : `${quantity} pieces`;
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
  const isOffered = availability !== Availability.RETIRED && stock > 0;
  const most = Math.min(stock, maxQuantity);
  return {
    ...item,
    quantity,
    addedPriceMinor: priceMinor,
    totalMinor: BigInt(quantity) * priceMinor,
    availability: isOffered && quantity <= most ? Availability.AVAILABLE : availability,
  };
}
