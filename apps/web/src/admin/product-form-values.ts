import type { Product } from "@plaza/contract/shop/v1/products";
import type { UseFormReturn } from "react-hook-form";
import { isCurrency, parseMoney, toDecimal } from "../shop/money.ts";

/** A product as a form holds it; the names are those by which the server complains. */
export type ProductFormValues = {
  name: string;
  description: string;
  priceMinor: string;
  currency: string;
  stock: string;
  maxQuantity: string;
  /** One on each line. */
  pictureUrls: string;
  active: boolean;
};

export function toProductFormValues(product: Product): ProductFormValues {
  const { name, description, priceMinor, currency, stock, maxQuantity, pictureUrls } = product;
  return {
    name,
    description,
    priceMinor: toDecimal(priceMinor, currency),
    currency,
    stock: String(stock),
    maxQuantity: String(maxQuantity),
    pictureUrls: pictureUrls.join("\n"),
    active: product.active,
  };
}

/** What a form holds, as the server takes it; undefined, with complaints beside the fields, when it cannot be. */
export function parseProductForm(
  values: ProductFormValues,
  form: UseFormReturn<ProductFormValues>,
) {
  const { name, description, active } = values;
  const currency = values.currency.trim().toUpperCase();
  const priceMinor = isCurrency(currency) ? parseMoney(values.priceMinor, currency) : 0n;
  const stock = parseWholeNumber(values.stock);
  const maxQuantity = parseWholeNumber(values.maxQuantity);
  const wrong: [keyof ProductFormValues, string][] = [];
  if (!isCurrency(currency)) wrong.push(["currency", "Three letters, such as EUR."]);
  if (priceMinor === undefined) wrong.push(["priceMinor", "Give a price such as 12.50."]);
  if (stock === undefined) wrong.push(["stock", "Give a whole number."]);
  if (maxQuantity === undefined) wrong.push(["maxQuantity", "Give a number from 1 to 99."]);
  for (const [index, [field, message]] of wrong.entries()) {
    form.setError(field, { message }, { shouldFocus: index === 0 });
  }
  if (priceMinor === undefined || stock === undefined || maxQuantity === undefined) return;
  if (wrong.length > 0) return;
  const pictureUrls = splitLines(values.pictureUrls);
  return { name, description, priceMinor, currency, stock, maxQuantity, pictureUrls, active };
}

export function splitLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function parseWholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}
