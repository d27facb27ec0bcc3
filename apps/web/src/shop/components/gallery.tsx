import type { Product } from "@plaza/contract/shop/v1/products";
import { useState } from "react";
import { t } from "../../lib/messages.ts";
import { Picture } from "./picture.tsx";

/** The pictures of a product: one large, the others as buttons. */
export function Gallery({ product: { id, name, pictureUrls } }: { product: Product }) {
  const [chosen, setChosen] = useState(0);
  return (
    <div>
      <Picture
        url={pictureUrls[chosen]}
        productId={id}
        size="large"
        alt={name}
        className="w-full rounded-lg"
      />
      {pictureUrls.length > 1 && (
        <ul aria-label={t("shop.gallery.label")} className="mt-3 grid grid-cols-5 gap-3">
          {pictureUrls.map((url, index) => (
            <li key={url}>
              <button
                type="button"
                aria-label={t("shop.gallery.picture", {
                  index: index + 1,
                  count: pictureUrls.length,
                })}
                aria-pressed={index === chosen}
                onClick={() => setChosen(index)}
                className="block w-full overflow-hidden rounded-md aria-pressed:outline-2 aria-pressed:outline-offset-2 aria-pressed:outline-accent"
              >
                <Picture url={url} productId={id} className="w-full" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
