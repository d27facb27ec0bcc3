import { Availability, type CartItem } from "@plaza/contract/shop/v1/carts";
import { TriangleAlert } from "lucide-react";
import { useCartChange } from "../cart.ts";
import { formatMoney } from "../money.ts";

type CartTroubleProps = { item: CartItem; currency: string; onRemove: () => void };

/** What has become of a thing since it was put into the cart, and the way on. */
export function CartTrouble({ item, currency, onRemove }: CartTroubleProps) {
  const change = useCartChange();
  const { name, productId, quantity, stock, maxQuantity: most, availability } = item;
  const { priceMinor, addedPriceMinor } = item;
  const set = (to: number) => void change({ kind: "set", productId, quantity: to });
  switch (availability) {
    case Availability.RETIRED:
      return <Trouble text="This is not sold any more." action="Take it out" onPress={onRemove} />;
    case Availability.SOLD_OUT:
      return <Trouble text="This is sold out." action="Take it out" onPress={onRemove} />;
    case Availability.NOT_ENOUGH:
      return (
        <Trouble
          text={stock === 1 ? "Only 1 is left." : `Only ${stock} are left.`}
          action={`Take ${stock} instead`}
          onPress={() => set(stock)}
        />
      );
    case Availability.TOO_MANY:
      return (
        <Trouble
          text={`There may be ${most} in a cart.`}
          action={`Take ${most} instead`}
          onPress={() => set(most)}
        />
      );
  }
  if (priceMinor === addedPriceMinor) return null;
  const was = formatMoney(addedPriceMinor, currency);
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-sm text-soft">
      One cost {was} when you added it.
      <button type="button" onClick={() => set(quantity)} className={remedyLook}>
        All right<span className="sr-only">, take the new price of {name}</span>
      </button>
    </p>
  );
}

type Remedy = { text: string; action: string; onPress: () => void };

function Trouble({ text, action, onPress }: Remedy) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-sm font-medium text-danger">
      <span className="flex items-center gap-1.5">
        <TriangleAlert className="size-4 shrink-0" aria-hidden />
        {text}
      </span>
      <button type="button" onClick={onPress} className={remedyLook}>
        {action}
      </button>
    </p>
  );
}

const remedyLook =
  "-mx-2 min-h-10 rounded-md px-2 font-semibold text-accent underline-offset-4 hover:bg-sunken hover:underline";
