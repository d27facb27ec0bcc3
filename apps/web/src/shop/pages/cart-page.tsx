import type { Cart } from "@plaza/contract/shop/v1/carts";
import { LinkButton } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty-state.tsx";
import { Failure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { RowsSkeleton } from "../../ui/skeletons.tsx";
import { useCart } from "../cart.ts";
import { canBeBought, piecesOf } from "../cart-changes.ts";
import { CartRow } from "../components/cart-row.tsx";
import { formatMoney } from "../money.ts";
import { useCartRemoval } from "../use-cart-removal.ts";

export function CartPage() {
  return (
    <div className="mx-auto max-w-4xl">
      <Heading title="Cart" className="mb-6 text-3xl font-bold" />
      <Content />
    </div>
  );
}

function Content() {
  const { query, cart } = useCart();
  const { focus, remove, clear } = useCartRemoval();
  if (query.isPending) {
    return (
      <div role="status" aria-label="Loading the cart">
        <RowsSkeleton />
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
        <Empty title="Your cart is empty">
          <LinkButton to="/shop" look="primary" className="mt-2">
            Look around the shop
          </LinkButton>
        </Empty>
      )}
      <Sum cart={cart} onClear={() => void clear(cart)} />
    </>
  );
}

/** Stays on the page when the cart is empty, so that screen readers hear of the change. */
function Sum({ cart, onClear }: { cart: Cart; onClear: () => void }) {
  const isEmpty = cart.items.length === 0;
  return (
    <div className={isEmpty ? "" : "mt-6 flex flex-col items-end gap-5"}>
      <p role="status" className={isEmpty ? "sr-only" : "text-right"}>
        {isEmpty ? (
          "Your cart is empty."
        ) : (
          <>
            <span className="text-soft">{piecesOf(cart.quantity)}, altogether</span>{" "}
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
          {canBeBought(cart) ? (
            <LinkButton to="/checkout" look="primary" className="max-sm:w-full">
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
