import type { Product } from "@plaza/contract/shop/v1/products";
import { toPlainText } from "@plaza/kit/text/plain-text";
import { useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { useParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { useSession } from "../../session/session.ts";
import { Alert } from "../../ui/alert.tsx";
import { BackLink } from "../../ui/back-link.tsx";
import { LinkButton } from "../../ui/button.tsx";
import { PageFailure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { LazyMarkdown } from "../../ui/markdown/lazy-markdown.tsx";
import { PageMeta } from "../../ui/page-meta.tsx";
import { PictureSourceProvider } from "../../ui/pictures/picture-source.tsx";
import { AddToCart } from "../components/add-to-cart.tsx";
import { Gallery } from "../components/gallery.tsx";
import { Money } from "../components/money.tsx";
import { PriceHistory } from "../components/price-history.tsx";
import { ProductSkeleton } from "../components/product-skeletons.tsx";
import { formatServerMoney } from "../money.ts";
import { productQuery } from "../product-queries.ts";

/** Up to this stock, the page shows how many are left. */
const lowStockThreshold = 10;

export function ProductPage() {
  const { id = "" } = useParams();
  const { data: product, isPending, error, refetch } = useQuery(productQuery(id));
  if (isPending) return <ProductSkeleton />;
  if (!product) return <PageFailure error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <PageMeta
        path={`/shop/${product.id}`}
        type="product"
        title={product.name}
        description={`${formatServerMoney(product.priceMinor, product.currency)}. ${toPlainText(product.description)}`}
        picture={product.pictureUrls[0]}
      />
      <BackLink to="/shop">{t("shop.common.shop")}</BackLink>
      <article className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-12 gap-y-8 md:grid-cols-[repeat(2,minmax(0,1fr))]">
        <Gallery key={product.id} product={product} />
        <ProductDetails product={product} />
      </article>
    </>
  );
}

function ProductDetails({ product }: { product: Product }) {
  const isAdmin = useSession()?.isAdmin ?? false;
  const { id, name, priceMinor, currency, active, description } = product;
  return (
    <div className="space-y-6">
      <header className="flex items-start justify-between gap-4">
        <div>
          <Heading title={name} />
          <p className="mt-2 text-xl tabular-nums">
            <Money minor={priceMinor} currency={currency} />
          </p>
        </div>
        {isAdmin && (
          <LinkButton to={`/admin/products/${id}`}>
            <Pencil className="size-4" aria-hidden />
            {t("shop.product.edit")}
          </LinkButton>
        )}
      </header>
      {active ? (
        <div className="space-y-4">
          <StockLevel product={product} />
          <AddToCart key={id} product={product} />
        </div>
      ) : (
        <Alert tone="note">{t("shop.product.retired")}</Alert>
      )}
      {description && (
        <PictureSourceProvider path={`/v1/products/${id}`}>
          <LazyMarkdown>{description}</LazyMarkdown>
        </PictureSourceProvider>
      )}
      <PriceHistory productId={id} />
    </div>
  );
}

function StockLevel({ product: { stock, maxQuantity } }: { product: Product }) {
  if (stock === 0) return <p className="font-semibold text-soft">{t("shop.common.soldOut")}</p>;
  return (
    <p className="text-sm text-soft">
      {stock <= lowStockThreshold
        ? t("shop.product.left", { count: stock })
        : t("shop.product.inStock")}
      {maxQuantity < stock &&
        maxQuantity <= lowStockThreshold &&
        ` · ${t("shop.product.limit", { count: maxQuantity })}`}
    </p>
  );
}
