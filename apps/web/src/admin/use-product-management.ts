import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Product, ProductSchema } from "@plaza/contract/shop/v1/products";
import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { shop } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-message.ts";
import { isOutcomeUnknown } from "../lib/errors.ts";
import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { t } from "../lib/messages.ts";
import { retry } from "../lib/retry.ts";
import { formatMoney, parseMoney } from "../shop/money.ts";
import { cacheProduct } from "../shop/product-queries.ts";
import { isolate } from "../ui/isolate.ts";
import { type ToastAction, toast } from "../ui/toasts.ts";

/** The changes that an admin can make to a product in the list; each shows a toast when it is done. */
export function useProductManagement({ id, currency, ...product }: Product) {
  const name = isolate(product.name);
  const client = useQueryClient();
  const keys = useRef(new Map<number, string>());
  const finish = async (product: Product, text: string, undo?: ToastAction) => {
    await cacheProduct(client, product);
    toast(text, undo);
  };
  const update = (change: MessageInitShape<typeof ProductSchema>, path: string) =>
    shop.updateProduct({ product: { id, ...change }, updateMask: { paths: [path] } });
  const saveActive = async (active: boolean): Promise<void> => {
    const product = await update({ active }, "active");
    if (active) return finish(product, t("admin.productRow.putOnSale", { name }));
    const putBack = () => saveActive(true).catch((error) => toast(errorMessage(error)));
    await finish(product, t("admin.productRow.retired", { name }), {
      label: t("ui.common.undo"),
      onPress: () => void putBack(),
    });
  };
  return {
    savePrice: async (text: string) => {
      const product = await update({ priceMinor: parseMoney(text, currency) ?? 0n }, "price_minor");
      const price = formatMoney(product.priceMinor, currency);
      await finish(product, t("admin.productRow.priceChanged", { name, price }));
    },
    saveMaxQuantity: async (text: string) => {
      const product = await update({ maxQuantity: Number(text) }, "max_quantity");
      const { maxQuantity: count } = product;
      await finish(product, t("admin.productRow.limitChanged", { name, count }));
    },
    saveActive,
    /** Adds to the stock. A repetition whose first outcome is unknown counts once: it has the same key. */
    restock: async (quantity: number) => {
      const idempotencyKey = keys.current.get(quantity) ?? newIdempotencyKey();
      keys.current.set(quantity, idempotencyKey);
      try {
        const product = await retry(() => shop.restockProduct({ id, quantity, idempotencyKey }));
        keys.current.clear();
        await finish(product, t("admin.productRow.restocked", { name, count: product.stock }));
      } catch (error) {
        if (!isOutcomeUnknown(error)) keys.current.delete(quantity);
        throw error;
      }
    },
  };
}
