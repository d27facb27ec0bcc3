import type { Product } from "@plaza/contract/shop/v1/products";
import type { UseFormReturn } from "react-hook-form";
import { t } from "../lib/messages.ts";
import { isCurrency, parseMoney, toDecimal } from "../shop/money.ts";

/** The values of the product form. The names are those of the fields in error details. */
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

/** The product of a valid form; undefined, with errors set on the fields, for an invalid one. */
export function parseProductForm(
  values: ProductFormValues,
  form: UseFormReturn<ProductFormValues>,
) {
  const { name, description, active } = values;
  const currency = values.currency.trim().toUpperCase();
  const priceMinor = isCurrency(currency) ? parseMoney(values.priceMinor, currency) : 0n;
  const stock = parseWholeNumber(values.stock);
  const maxQuantity = parseWholeNumber(values.maxQuantity);
  const problems: [keyof ProductFormValues, string][] = [];
  if (!isCurrency(currency)) problems.push(["currency", t("admin.productForm.currencyInvalid")]);
  if (priceMinor === undefined) problems.push(["priceMinor", t("admin.common.priceInvalid")]);
  if (stock === undefined) problems.push(["stock", t("admin.productForm.stockInvalid")]);
  if (maxQuantity === undefined) {
    problems.push(["maxQuantity", t("admin.productForm.limitInvalid")]);
  }
  for (const [index, [field, message]] of problems.entries()) {
    form.setError(field, { message }, { shouldFocus: index === 0 });
  }
  if (priceMinor === undefined || stock === undefined || maxQuantity === undefined) return;
  if (problems.length > 0) return;
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
