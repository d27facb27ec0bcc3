import { ShoppingBasket } from "lucide-react";
import { useCart } from "../../shop/cart.ts";
import { piecesOf } from "../../shop/cart-changes.ts";
import { CountedLink } from "./badge-link.tsx";

/** The way to the cart, with how much is in it. */
export function CartLink() {
  const count = useCart().cart?.quantity ?? 0;
  const icon = <ShoppingBasket aria-hidden />;
  return <CountedLink to="/cart" name="Cart" icon={icon} count={count} meaning={piecesOf(count)} />;
}
