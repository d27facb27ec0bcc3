import type { Product } from "@plaza/contract/shop/v1/products";
import { useQueryClient } from "@tanstack/react-query";
import { ShoppingBasket } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { errorMessage } from "../../lib/error-message.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { isolate } from "../../ui/isolate.ts";
import { toast } from "../../ui/toasts.ts";
import { Trans } from "../../ui/trans.tsx";
import { useAddToCart, useCart } from "../cart.ts";
import { productQuery } from "../product-queries.ts";
import { QuantityField } from "./quantity-field.tsx";

/** A quantity and the button to add it, limited by the stock and the product's maximum in a cart. */
export function AddToCart({ product }: { product: Product }) {
  const { id, name, stock, maxQuantity } = product;
  const { inCart, addition, add } = useProductAddition(product);
  const [chosen, setChosen] = useState(1);
  const maxAddition = Math.min(stock, maxQuantity) - inCart;
  const quantity = Math.max(1, Math.min(chosen, maxAddition));
  return (
    <div className="space-y-4">
      {maxAddition > 0 && (
        <div className="flex flex-wrap gap-3">
          <QuantityField itemName={name} value={quantity} max={maxAddition} onChange={setChosen} />
          <Button
            variant="primary"
            className="min-w-44 flex-1 sm:flex-none"
            busy={addition.isPending}
            onClick={() => add({ productId: id, quantity }, () => setChosen(1))}
          >
            <ShoppingBasket className="size-4.5" aria-hidden />
            {t("shop.addToCart.add")}
          </Button>
        </div>
      )}
      {addition.error && <Alert tone="danger">{errorMessage(addition.error)}</Alert>}
      {inCart > 0 && (
        <p className="text-sm text-soft">
          <Trans
            id={maxAddition > 0 ? "shop.addToCart.inCart" : "shop.addToCart.maximumInCart"}
            values={{
              count: inCart,
              link: (text) => (
                <Link to="/cart" className="font-semibold text-accent hover:underline">
                  {text}
                </Link>
              ),
            }}
          />
        </p>
      )}
    </div>
  );
}

function useProductAddition({ id, name }: Product) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { cart } = useCart();
  const inCart = cart?.items.find(({ productId }) => productId === id)?.quantity ?? 0;
  const addition = useAddToCart();
  const add = (item: { productId: string; quantity: number }, onDone: () => void) =>
    addition.mutate(item, {
      onSuccess: () => {
        onDone();
        toast(t("shop.addToCart.added", { name: isolate(name) }), {
          label: t("shop.addToCart.viewCart"),
          onPress: () => void navigate("/cart"),
        });
      },
      // Shows the current stock beside the error.
      onError: () => client.invalidateQueries(productQuery(id)),
    });
  return { inCart, addition, add };
}
