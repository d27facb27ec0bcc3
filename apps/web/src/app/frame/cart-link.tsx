import { ShoppingBasket } from "lucide-react";
import { t } from "../../lib/messages.ts";
import { useCartQuantity } from "../../shop/cart.ts";
import { BadgeLink } from "./badge-link.tsx";

/** The link to the cart, with the number of pieces in it. */
export function CartLink() {
  const count = useCartQuantity();
  const icon = <ShoppingBasket aria-hidden />;
  return <BadgeLink to="/cart" label={t("app.frame.cart", { count })} icon={icon} count={count} />;
}
