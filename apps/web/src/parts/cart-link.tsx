import { ShoppingBasket } from "lucide-react";
import { Link } from "react-router";
import { useCart } from "../cart.ts";
import { piecesOf } from "../cart-changes.ts";

/** The way to the cart, with how much is in it. */
export function CartLink() {
  const quantity = useCart().cart?.quantity ?? 0;
  return (
    <Link
      to="/cart"
      aria-label={quantity > 0 ? `Cart, ${piecesOf(quantity)}` : "Cart"}
      className="relative grid size-11 place-items-center rounded-full text-soft hover:bg-sunken hover:text-ink"
    >
      <ShoppingBasket className="size-5.5" aria-hidden />
      {quantity > 0 && (
        <span
          aria-hidden
          className="absolute top-0.5 right-0.5 grid min-w-5 place-items-center rounded-full bg-fill px-1 text-[0.6875rem] leading-5 font-bold text-on-fill tabular-nums"
        >
          {quantity > 99 ? "99+" : quantity}
        </span>
      )}
    </Link>
  );
}
