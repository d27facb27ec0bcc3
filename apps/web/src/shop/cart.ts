import type { Cart } from "@plaza/contract/shop/v1/carts";
import {
  type QueryClient,
  queryOptions,
  useMutation,
  useMutationState,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useRef } from "react";
import { shop } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-message.ts";
import { reasonOf } from "../lib/errors.ts";
import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { t } from "../lib/messages.ts";
import { retry } from "../lib/retry.ts";
import { sessionQuery } from "../session/session.ts";
import { toast } from "../ui/toasts.ts";
import { applyCartChanges, type CartChange } from "./cart-changes.ts";
import {
  addExclusively,
  forgetVisitorCart,
  hasVisitorCart,
  rememberVisitorCart,
  useHasVisitorCart,
} from "./visitor-cart.ts";

/** The cart of the member or visitor, in the server's last state. */
export const cartQuery = queryOptions({
  queryKey: ["cart"],
  queryFn: ({ client, signal }) => readCart(client, signal),
  staleTime: 15_000,
});

/** Mutations of the cart run one after another, each with the etag that the previous one returned. */
const cartMutationScope = { id: "cart" };

/** The number of pieces in the cart. It is not asked for when this browser has no visitor's cart. */
export function useCartQuantity(): number {
  const isVisitor = useQuery(sessionQuery).data === null;
  const hasCart = useHasVisitorCart();
  const { cart } = useCart({ enabled: !isVisitor || hasCart });
  return cart?.quantity ?? 0;
}

/** `query` reads the cart; `cart` is its data with pending changes applied. */
export function useCart({ enabled = true } = {}) {
  const query = useQuery({ ...cartQuery, enabled });
  const changes = useMutationState({
    filters: { mutationKey: cartQuery.queryKey, status: "pending" },
    select: ({ state }) => state.variables as CartChange,
  });
  return { query, cart: query.data && applyCartChanges(query.data, changes) };
}

/** A function that changes the cart. It resolves to false when that fails, after a toast with the reason. */
export function useChangeCart(): (change: CartChange) => Promise<boolean> {
  const client = useQueryClient();
  const { mutateAsync } = useMutation({
    mutationKey: cartQuery.queryKey,
    scope: cartMutationScope,
    mutationFn: (change: CartChange) => sendCartChange(client, change),
    onSuccess: (cart) => cacheCart(client, cart),
    onError: (error) => {
      toast(errorMessage(error));
      return client.invalidateQueries(cartQuery);
    },
  });
  return (change) =>
    mutateAsync(change).then(
      () => true,
      () => false,
    );
}

/** Adds to the cart, also when it was changed elsewhere. */
export function useAddToCart() {
  const client = useQueryClient();
  const key = useRef(newIdempotencyKey());
  return useMutation({
    scope: cartMutationScope,
    mutationFn: (addition: { productId: string; quantity: number }) => {
      // With the same key, a repeated addition whose first outcome is unknown counts once.
      const idempotencyKey = `${key.current}.${addition.productId}.${addition.quantity}`;
      return addExclusively(() => retry(() => shop.addCartItem({ ...addition, idempotencyKey })));
    },
    onSuccess: (cart) => {
      key.current = newIdempotencyKey();
      return cacheCart(client, cart);
    },
  });
}

/** Writes the cart of a response to the cache. A read that is under way may be older, and is cancelled. */
export async function cacheCart(client: QueryClient, cart: Cart): Promise<void> {
  await client.cancelQueries(cartQuery);
  rememberVisitorCart(cart);
  client.setQueryData(cartQuery.queryKey, cart);
}

async function readCart(client: QueryClient, signal: AbortSignal): Promise<Cart> {
  if (hasVisitorCart() && (await client.ensureQueryData(sessionQuery))) {
    await mergeVisitorCart(signal);
  }
  const cart = await shop.getMyCart({}, { signal });
  rememberVisitorCart(cart);
  return cart;
}

/** Merges the visitor's cart into the member's; idempotent. A cart that cannot be merged stays the visitor's. */
async function mergeVisitorCart(signal: AbortSignal): Promise<void> {
  try {
    await shop.mergeCart({}, { signal });
  } catch (error) {
    const message = mergeFailureMessages[reasonOf(error) ?? ""];
    if (!message) throw error;
    toast(t(message));
  }
  forgetVisitorCart();
}

const mergeFailureMessages: Record<
  string,
  "shop.cartMerge.tooManyProducts" | "shop.cartMerge.otherCurrency"
> = {
  CART_FULL: "shop.cartMerge.tooManyProducts",
  OTHER_CURRENCY: "shop.cartMerge.otherCurrency",
};

function sendCartChange(client: QueryClient, change: CartChange): Promise<Cart> {
  const idempotencyKey = newIdempotencyKey();
  const etag = client.getQueryData(cartQuery.queryKey)?.etag ?? "";
  return retry(() => {
    switch (change.kind) {
      case "set": {
        const { productId, quantity } = change;
        return shop.setCartItem({ productId, quantity, etag, idempotencyKey });
      }
      case "remove":
        // Without etag: the product is to be removed also when its quantity was changed elsewhere.
        return shop.removeCartItem({ productId: change.productId, idempotencyKey });
      case "clear":
        return shop.clearCart({ etag, idempotencyKey });
    }
  });
}
