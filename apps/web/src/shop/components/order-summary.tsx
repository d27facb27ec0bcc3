import type { Cart } from "@plaza/contract/shop/v1/carts";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { Alert } from "../../ui/alert.tsx";
import { Trans } from "../../ui/trans.tsx";
import { formatMoney } from "../money.ts";
import { useCartRemoval } from "../use-cart-removal.ts";
import { CartItemProblem } from "./cart-item-problem.tsx";
import { Picture } from "./picture.tsx";

/** The items about to be ordered, with the problem that prevents it. */
export function OrderSummary({ cart, problem }: { cart: Cart; problem: string }) {
  const { items, quantity, totalMinor, currency } = cart;
  const { remove } = useCartRemoval();
  return (
    <section
      aria-label={t("shop.checkOut.summary")}
      className="rounded-lg bg-card p-5 shadow-card lg:sticky lg:top-24 lg:order-2"
    >
      {problem && <Alert tone="danger">{problem}</Alert>}
      <ul>
        {items.map((item) => (
          <li key={item.productId} className="flex gap-3 border-b border-line py-3">
            <Picture
              url={item.pictureUrl}
              productId={item.productId}
              className="size-12 shrink-0 rounded-sm"
            />
            <div className="min-w-0 flex-1 text-sm">
              <p className="flex justify-between gap-3">
                <span dir="auto" className="min-w-0 font-semibold break-words">
                  {item.name}
                </span>
                <span className="tabular-nums">{formatMoney(item.totalMinor, currency)}</span>
              </p>
              <p className="text-faint tabular-nums">
                {item.quantity} × {formatMoney(item.priceMinor, currency)}
              </p>
              <CartItemProblem
                item={item}
                currency={currency}
                onRemove={() => void remove(cart, item)}
              />
            </div>
          </li>
        ))}
      </ul>
      <p role="status" className="flex items-baseline justify-between pt-4">
        <Trans
          id="shop.cart.total"
          values={{
            count: quantity,
            total: formatMoney(totalMinor, currency),
            soft: (text) => <span className="text-soft">{text}</span>,
            amount: (text) => <strong className="text-lg tabular-nums">{text}</strong>,
          }}
        />
      </p>
      <Link
        to="/cart"
        className="mt-2 inline-flex min-h-11 items-center text-sm font-semibold text-accent hover:underline"
      >
        {t("shop.checkOut.editCart")}
      </Link>
    </section>
  );
}
