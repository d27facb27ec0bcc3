import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Product, ProductSchema } from "@plaza/contract/shop/v1/products";
import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { shop } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-messages.ts";
import { isOutcomeUnknown } from "../lib/errors.ts";
import { newIdempotencyKey } from "../lib/idempotency-key.ts";
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
    if (active) return finish(product, `${name} is on sale.`);
    const putBack = () => saveActive(true).catch((error) => toast(errorMessage(error)));
    await finish(product, `${name} is off sale.`, { label: "Undo", onPress: () => void putBack() });
  };
  return {
    savePrice: async (text: string) => {
      const product = await update({ priceMinor: parseMoney(text, currency) ?? 0n }, "price_minor");
      await finish(product, `${name} costs ${formatMoney(product.priceMinor, currency)} now.`);
    },
    saveMaxQuantity: async (text: string) => {
      const product = await update({ maxQuantity: Number(text) }, "max_quantity");
      await finish(product, `A cart may hold ${product.maxQuantity} of ${name} now.`);
    },
    saveActive,
    /** Adds to the stock. A repetition whose first outcome is unknown counts once: it has the same key. */
    restock: async (quantity: number) => {
      const idempotencyKey = keys.current.get(quantity) ?? newIdempotencyKey();
      keys.current.set(quantity, idempotencyKey);
      try {
        const product = await retry(() => shop.restockProduct({ id, quantity, idempotencyKey }));
        keys.current.clear();
        await finish(product, `There are ${product.stock} of ${name} now.`);
      } catch (error) {
        if (!isOutcomeUnknown(error)) keys.current.delete(quantity);
        throw error;
      }
    },
  };
}
