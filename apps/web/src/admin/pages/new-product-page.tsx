import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { shop } from "../../lib/clients.ts";
import { newIdempotencyKey } from "../../lib/idempotency-key.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { cacheProduct } from "../../shop/product-queries.ts";
import { BackLink } from "../../ui/back-link.tsx";
import { Heading } from "../../ui/heading.tsx";
import { isolate } from "../../ui/isolate.ts";
import { toast } from "../../ui/toasts.ts";
import { ProductForm, type SaveProduct } from "../components/product-form.tsx";
import { managedProductsQuery } from "../managed-product-queries.ts";

export function NewProductPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const idempotencyKey = useRef(newIdempotencyKey());
  const listed = client.getQueryData(managedProductsQuery.queryKey)?.pages[0]?.products[0];
  const initial = { values: { ...emptyForm, currency: listed?.currency ?? "EUR" }, etag: "" };
  const create: SaveProduct = async ({ active: _, ...fields }) => {
    const request = { ...fields, idempotencyKey: idempotencyKey.current };
    const product = await shop.createProduct(request);
    await cacheProduct(client, product);
    await navigate(`/shop/${product.id}`);
    toast(t("admin.productRow.putOnSale", { name: isolate(product.name) }));
  };
  return (
    <>
      <BackLink to="/admin/products">{t("admin.common.products")}</BackLink>
      <Heading title={t("admin.common.addProduct")} className="mb-6 text-3xl font-bold" />
      <ProductForm
        place="new"
        initial={initial}
        load={async () => initial}
        isNew
        onSubmit={create}
      />
    </>
  );
}

const emptyForm = {
  name: "",
  description: "",
  priceMinor: "",
  stock: "",
  maxQuantity: "99",
  pictureUrls: "",
  active: true,
};
