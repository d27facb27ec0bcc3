import type { Cart } from "@plaza/contract/shop/v1/carts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Failure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { PictureRowsSkeleton } from "../../ui/skeletons.tsx";
import { useCart } from "../cart.ts";
import { canCheckOut, formatPieces } from "../cart-changes.ts";
import { CartRow } from "../components/cart-row.tsx";
import { formatMoney } from "../money.ts";
import { useCartRemoval } from "../use-cart-removal.ts";

export function CartPage() {
  return (
    <div className="mx-auto max-w-4xl">
      <Heading title="Cart" className="mb-6 text-3xl font-bold" />
      <CartContent />
    </div>
  );
}

function CartContent() {
  const { query, cart } = useCart();
  const { focus, remove, clear } = useCartRemoval();
  if (query.isPending) {
    return (
      <div role="status" aria-label="Loading the cart">
        <PictureRowsSkeleton />
      </div>
    );
  }
  if (!cart) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      {cart.items.length > 0 ? (
        <ul aria-label="In your cart">
          {cart.items.map((item) => (
            <CartRow
              key={item.productId}
              item={item}
              currency={cart.currency}
              focus={focus}
              onRemove={() => void remove(cart, item)}
            />
          ))}
        </ul>
      ) : (
        <EmptyState title="Your cart is empty">
          <LinkButton to="/shop" variant="primary" className="mt-2">
            Look around the shop
          </LinkButton>
        </EmptyState>
      )}
      <CartSummary cart={cart} onClear={() => void clear(cart)} />
    </>
  );
}

/** Also rendered for an empty cart, so that screen readers announce the change. */
function CartSummary({ cart, onClear }: { cart: Cart; onClear: () => void }) {
  const isEmpty = cart.items.length === 0;
  return (
    <div className={isEmpty ? "" : "mt-6 flex flex-col items-end gap-5"}>
      <p role="status" className={isEmpty ? "sr-only" : "text-right"}>
        {isEmpty ? (
          "Your cart is empty."
        ) : (
          <>
            <span className="text-soft">{formatPieces(cart.quantity)}, altogether</span>{" "}
            <strong className="ml-2 text-xl tabular-nums">
              {formatMoney(cart.totalMinor, cart.currency)}
            </strong>
          </>
        )}
      </p>
      {!isEmpty && (
        <div className="flex w-full flex-wrap items-center justify-end gap-3">
          <button
            type="button"
            onClick={onClear}
            className="mr-auto -ml-3 min-h-11 rounded-md px-3 text-sm font-semibold text-soft hover:bg-sunken hover:text-ink"
          >
            Clear the cart
          </button>
          {canCheckOut(cart) ? (
            <LinkButton to="/checkout" variant="primary" className="max-sm:w-full">
              Check out
            </LinkButton>
          ) : (
            <p className="text-sm text-soft">Look at the marked products before you check out.</p>
          )}
        </div>
      )}
    </div>
  );
}
