import type { Product } from "@plaza/contract/shop/v1/products";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "react-router";
import { shop } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { cacheProduct, productQuery } from "../../shop/product-queries.ts";
import { BackLink } from "../../ui/back-link.tsx";
import { LinkButton } from "../../ui/button.tsx";
import { PageFailure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { isolate } from "../../ui/isolate.ts";
import { PageSkeleton } from "../../ui/skeletons.tsx";
import { toast } from "../../ui/toasts.ts";
import { ProductForm, type SaveProduct } from "../components/product-form.tsx";
import { toProductFormValues } from "../product-form-values.ts";

const pathByField: Record<string, string> = {
  name: "name",
  description: "description",
  priceMinor: "price_minor",
  maxQuantity: "max_quantity",
  pictureUrls: "picture_urls",
  active: "active",
};

export function EditProductPage() {
  const { id = "" } = useParams();
  const { data: product, isPending, error, refetch } = useQuery(productQuery(id));
  if (isPending) return <PageSkeleton />;
  if (!product) return <PageFailure error={error} onRetry={() => void refetch()} />;
  return <ProductEditor key={id} product={product} />;
}

function ProductEditor({ product: before }: { product: Product }) {
  const { id } = before;
  const client = useQueryClient();
  const navigate = useNavigate();
  const load = async () => toProductRevision(await shop.getProduct({ id }));
  const save: SaveProduct = async ({ currency: _, stock: __, ...product }, changed, etag) => {
    const paths = changed.flatMap((field) => pathByField[field] ?? []);
    const saved = await shop.updateProduct({
      product: { id, ...product, etag },
      updateMask: { paths },
    });
    await cacheProduct(client, saved);
    await navigate(`/shop/${id}`);
    toast(t("admin.editProduct.saved"));
  };
  return (
    <>
      <BackLink to="/admin/products">{t("admin.common.products")}</BackLink>
      <div className="mb-6 flex flex-wrap items-center justify-between gap-4">
        <Heading title={t("admin.editProduct.title", { name: isolate(before.name) })} />
        <LinkButton to={`/shop/${id}`}>{t("admin.editProduct.viewInShop")}</LinkButton>
      </div>
      <ProductForm
        place={id}
        initial={toProductRevision(before)}
        load={load}
        isNew={false}
        onSubmit={save}
      />
    </>
  );
}

function toProductRevision(product: Product) {
  return { values: toProductFormValues(product), etag: product.etag };
}
