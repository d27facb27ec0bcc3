import type { CartItem } from "@plaza/contract/shop/v1/carts";
import { Trash2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { useChangeCart } from "../cart.ts";
import { formatMoney } from "../money.ts";
import type { FocusedRow } from "../use-cart-removal.ts";
import { CartItemProblem } from "./cart-item-problem.tsx";
import { Picture } from "./picture.tsx";
import { QuantityField } from "./quantity-field.tsx";

type CartRowProps = {
  item: CartItem;
  currency: string;
  focus: FocusedRow;
  onRemove: () => void;
};

/** A product in the cart. */
export function CartRow({ item, currency, focus, onRemove }: CartRowProps) {
  const change = useChangeCart();
  const { productId, name, pictureUrl, quantity, priceMinor, totalMinor } = item;
  const link = useRef<HTMLAnchorElement>(null);
  // `focus` is a new object for each removal.
  useEffect(() => {
    if (focus?.productId === productId) link.current?.focus();
  }, [focus]);
  return (
    <li className="grid grid-cols-[5rem_1fr_auto] gap-x-4 gap-y-2.5 border-b border-line py-5 first:border-t sm:grid-cols-[6rem_1fr_auto_6rem_auto] sm:items-center">
      <Picture
        url={pictureUrl}
        productId={productId}
        className="w-full self-start rounded-md max-sm:row-span-2"
      />
      <div className="min-w-0">
        <Link
          ref={link}
          dir="auto"
          to={`/shop/${productId}`}
          className="touch-target font-semibold break-words hover:text-accent hover:underline"
        >
          {name}
        </Link>
        <p className="text-sm text-faint tabular-nums">
          {t("shop.cartRow.unitPrice", { price: formatMoney(priceMinor, currency) })}
        </p>
        <CartItemProblem item={item} currency={currency} onRemove={onRemove} />
      </div>
      <div className="max-sm:col-start-2 max-sm:row-start-2">
        <QuantityField
          itemName={name}
          value={quantity}
          max={Math.min(item.stock, item.maxQuantity)}
          onChange={(newQuantity) => void change({ kind: "set", productId, quantity: newQuantity })}
        />
      </div>
      <p className="self-center text-end font-semibold tabular-nums max-sm:col-start-3 max-sm:row-start-2">
        {formatMoney(totalMinor, currency)}
      </p>
      <button
        type="button"
        aria-label={t("shop.cartRow.remove", { name })}
        onClick={onRemove}
        className="grid size-11 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink max-sm:col-start-3 max-sm:row-start-1 max-sm:-mt-2 max-sm:justify-self-end"
      >
        <Trash2 className="size-4.5" aria-hidden />
      </button>
    </li>
  );
}
