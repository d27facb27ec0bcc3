import type { Cart } from "@plaza/contract/shop/v1/carts";
import { t } from "../../lib/messages.ts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Failure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { PictureRowsSkeleton } from "../../ui/skeletons.tsx";
import { Trans } from "../../ui/trans.tsx";
import { useCart } from "../cart.ts";
import { canCheckOut } from "../cart-changes.ts";
import { CartRow } from "../components/cart-row.tsx";
import { formatMoney } from "../money.ts";
import { useCartRemoval } from "../use-cart-removal.ts";

export function CartPage() {
  return (
    <div className="mx-auto max-w-4xl">
      <Heading title={t("shop.cart.title")} className="mb-6 text-3xl font-bold" />
      <CartContent />
    </div>
  );
}

function CartContent() {
  const { query, cart } = useCart();
  const { focus, remove, clear } = useCartRemoval();
  if (query.isPending) {
    return (
      <div role="status" aria-label={t("shop.cart.loading")}>
        <PictureRowsSkeleton />
      </div>
    );
  }
  if (!cart) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      {cart.items.length > 0 ? (
        <ul aria-label={t("shop.cart.items")}>
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
        <EmptyState title={t("shop.cart.empty")}>
          <LinkButton to="/shop" variant="primary" className="mt-2">
            {t("shop.cart.browse")}
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
      <p role="status" className={isEmpty ? "sr-only" : "text-end"}>
        {isEmpty ? (
          t("shop.cart.empty")
        ) : (
          <Trans
            id="shop.cart.total"
            values={{
              count: cart.quantity,
              total: formatMoney(cart.totalMinor, cart.currency),
              soft: (text) => <span className="text-soft">{text}</span>,
              amount: (text) => <strong className="ms-2 text-xl tabular-nums">{text}</strong>,
            }}
          />
        )}
      </p>
      {!isEmpty && (
        <div className="flex w-full flex-wrap items-center justify-end gap-3">
          <button
            type="button"
            onClick={onClear}
            className="me-auto -ms-3 min-h-11 rounded-md px-3 text-sm font-semibold text-soft hover:bg-sunken hover:text-ink"
          >
            {t("shop.cart.clear")}
          </button>
          {canCheckOut(cart) ? (
            <LinkButton to="/checkout" variant="primary" className="max-sm:w-full">
              {t("shop.cart.checkOut")}
            </LinkButton>
          ) : (
            <p className="text-sm text-soft">{t("shop.cart.hasProblems")}</p>
          )}
        </div>
      )}
    </div>
  );
}
