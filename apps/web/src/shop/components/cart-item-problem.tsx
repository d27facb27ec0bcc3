import { Availability, type CartItem } from "@plaza/contract/shop/v1/carts";
import { TriangleAlert } from "lucide-react";
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
        <Problem text="This is not sold any more." fixLabel="Take it out" onPress={onRemove} />
      );
    case Availability.SOLD_OUT:
      return <Problem text="This is sold out." fixLabel="Take it out" onPress={onRemove} />;
    case Availability.NOT_ENOUGH:
      return (
        <Problem
          text={stock === 1 ? "Only 1 is left." : `Only ${stock} are left.`}
          fixLabel={`Take ${stock} instead`}
          onPress={() => setQuantity(stock)}
        />
      );
    case Availability.TOO_MANY:
      return (
        <Problem
          text={`There may be ${maxQuantity} in a cart.`}
          fixLabel={`Take ${maxQuantity} instead`}
          onPress={() => setQuantity(maxQuantity)}
        />
      );
  }
  if (priceMinor === addedPriceMinor) return null;
  const oldPrice = formatMoney(addedPriceMinor, currency);
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-sm text-soft">
      One cost {oldPrice} when you added it.
      <button type="button" onClick={() => setQuantity(quantity)} className={fixButtonClass}>
        All right<span className="sr-only">, take the new price of {name}</span>
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
