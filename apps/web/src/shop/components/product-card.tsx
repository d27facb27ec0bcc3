import type { Product } from "@plaza/contract/shop/v1/products";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { Money } from "./money.tsx";
import { Picture } from "./picture.tsx";

/** A product in a grid. */
export function ProductCard({ product }: { product: Product }) {
  const { id, name, priceMinor, currency, stock, pictureUrls } = product;
  const isSoldOut = stock === 0;
  return (
    <li className="group relative flex flex-col overflow-hidden rounded-lg bg-card shadow-card has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
      <Picture
        url={pictureUrls[0]}
        productId={id}
        size="medium"
        className={`w-full ${isSoldOut ? "opacity-45" : ""}`}
      />
      <div className="flex flex-1 flex-col gap-1 px-3.5 pt-3 pb-3.5 sm:px-4">
        <h2 dir="auto" className="text-sm leading-snug font-semibold sm:text-base sm:leading-snug">
          <Link
            to={`/shop/${id}`}
            className="outline-none group-hover:text-accent after:absolute after:inset-0"
          >
            {name}
          </Link>
        </h2>
        <p className="mt-auto flex flex-wrap items-baseline justify-between gap-x-3 text-sm text-soft tabular-nums">
          <Money minor={priceMinor} currency={currency} />
          {isSoldOut && (
            <span className="text-xs font-semibold text-faint">{t("shop.common.soldOut")}</span>
          )}
        </p>
      </div>
    </li>
  );
}
