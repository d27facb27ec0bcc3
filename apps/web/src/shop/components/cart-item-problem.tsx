import { Availability, type CartItem } from "@plaza/contract/shop/v1/carts";
import { TriangleAlert } from "lucide-react";
import { t } from "../../lib/messages.ts";
import { useChangeCart } from "../cart.ts";
import { formatMoney } from "../money.ts";

type CartItemProblemProps = { item: CartItem; currency: string; onRemove: () => void };

/** What has changed about a product since it was put into the cart, with a button that settles it. */
export function CartItemProblem({ item, currency, onRemove }: CartItemProblemProps) {
  const change = useChangeCart();
  const { name, productId, quantity, stock, maxQuantity, availability } = item;
  const { priceMinor, addedPriceMinor } = item;
  const setQuantity = (newQuantity: number) =>
    void change({ kind: "set", productId, quantity: newQuantity });
  switch (availability) {
    case Availability.RETIRED:
      return (
        <Problem
          text={t("shop.cartItemProblem.retired")}
          fixLabel={t("shop.cartItemProblem.remove")}
          onPress={onRemove}
        />
      );
    case Availability.SOLD_OUT:
      return (
        <Problem
          text={t("shop.common.soldOut")}
          fixLabel={t("shop.cartItemProblem.remove")}
          onPress={onRemove}
        />
      );
    case Availability.NOT_ENOUGH:
      return (
        <Problem
          text={t("shop.cartItemProblem.notEnough", { count: stock })}
          fixLabel={t("shop.cartItemProblem.changeQuantity", { count: stock })}
          onPress={() => setQuantity(stock)}
        />
      );
    case Availability.TOO_MANY:
      return (
        <Problem
          text={t("shop.cartItemProblem.tooMany", { count: maxQuantity })}
          fixLabel={t("shop.cartItemProblem.changeQuantity", { count: maxQuantity })}
          onPress={() => setQuantity(maxQuantity)}
        />
      );
  }
  if (priceMinor === addedPriceMinor) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-sm text-soft">
      {t("shop.cartItemProblem.priceChanged", {
        oldPrice: formatMoney(addedPriceMinor, currency),
        newPrice: formatMoney(priceMinor, currency),
      })}
      <button
        type="button"
        aria-label={t("shop.cartItemProblem.dismissOf", { name })}
        onClick={() => setQuantity(quantity)}
        className={fixButtonClass}
      >
        {t("shop.cartItemProblem.dismiss")}
      </button>
    </p>
  );
}

type ProblemProps = { text: string; fixLabel: string; onPress: () => void };

function Problem({ text, fixLabel, onPress }: ProblemProps) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-sm font-medium text-danger">
      <span className="flex items-center gap-1.5">
        <TriangleAlert className="size-4 shrink-0" aria-hidden />
        {text}
      </span>
      <button type="button" onClick={onPress} className={fixButtonClass}>
        {fixLabel}
      </button>
    </p>
  );
}

const fixButtonClass =
  "-mx-2 min-h-11 rounded-md px-2 font-semibold text-accent underline-offset-4 hover:bg-sunken hover:underline";
