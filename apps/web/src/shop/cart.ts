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
import { errorMessage } from "../lib/error-messages.ts";
import { reasonOf } from "../lib/errors.ts";
import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { retry } from "../lib/retry.ts";
import { sessionQuery } from "../session/session.ts";
import { toast } from "../ui/toasts.ts";
import { applyCartChanges, type CartChange } from "./cart-changes.ts";
import {
  addExclusively,
  forgetVisitorCart,
  hasVisitorCart,
  rememberVisitorCart,
} from "./visitor-cart.ts";

/** The cart of whoever is here, as the server last told it. */
export const cartQuery = queryOptions({
  queryKey: ["cart"],
  queryFn: ({ client, signal }) => readCart(client, signal),
  staleTime: 15_000,
});

/** Writes wait for each other, so that each starts from the state that the one before has left. */
const cartMutationScope = { id: "cart" };

/** The cart with the changes that are under way: `cart` is ahead of `query.data` by those. */
export function useCart() {
  const query = useQuery(cartQuery);
  const changes = useMutationState({
    filters: { mutationKey: cartQuery.queryKey, status: "pending" },
    select: ({ state }) => state.variables as CartChange,
  });
  return { query, cart: query.data && applyCartChanges(query.data, changes) };
}

/** Changes the cart. The answer is false when that was refused; a toast has said why. */
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

/** Adds to the cart, whatever it holds by now. */
export function useAddToCart() {
  const client = useQueryClient();
  const key = useRef(newIdempotencyKey());
  return useMutation({
    scope: cartMutationScope,
    mutationFn: (addition: { productId: string; quantity: number }) => {
      // The same pieces, asked for again because no answer came, may be in the cart already.
      const idempotencyKey = `${key.current}.${addition.productId}.${addition.quantity}`;
      return addExclusively(() => retry(() => shop.addCartItem({ ...addition, idempotencyKey })));
    },
    onSuccess: (cart) => {
      key.current = newIdempotencyKey();
      return cacheCart(client, cart);
    },
  });
}

/** Shows the cart that the server has answered. A read that is under way may be older, and is dropped. */
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

/** Pours what was gathered before signing in into the member's cart. Once there, pouring again changes nothing. */
async function mergeVisitorCart(signal: AbortSignal): Promise<void> {
  try {
    await shop.mergeCart({}, { signal });
  } catch (error) {
    const why = mergeFailureMessages[reasonOf(error) ?? ""];
    if (!why) throw error;
    toast(`${why} What you gathered before stays in its own cart, until you sign out.`);
  }
  forgetVisitorCart();
}

const mergeFailureMessages: Record<string, string> = {
  CART_FULL: "Both carts together would hold too many products.",
  OTHER_CURRENCY: "Your carts hold prices in different currencies.",
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
        // Whoever takes a thing out means it, however many of it there are by now.
        return shop.removeCartItem({ productId: change.productId, idempotencyKey });
      case "clear":
        return shop.clearCart({ etag, idempotencyKey });
    }
  });
}
