import type { Product } from "@plaza/contract/shop/v1/products";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { errorMessage } from "../../lib/error-message.ts";
import { t } from "../../lib/messages.ts";
import { Picture } from "../../shop/components/picture.tsx";
import { parseMoney, toDecimal } from "../../shop/money.ts";
import { InlineField } from "../../ui/forms/inline-field.tsx";
import { toast } from "../../ui/toasts.ts";
import { useProductManagement } from "../use-product-management.ts";
import { RestockField } from "./restock-field.tsx";

/** The columns of the admin's list of products, on wide windows. */
export const productColumnsClass = "md:grid-cols-[3rem_1fr_9.5rem_14rem_5rem_4rem]";

/** A product in the admin's list, with fields for what changes often. */
export function ManagedProductRow({ product }: { product: Product }) {
  const { id, name, pictureUrls, priceMinor, currency, stock, maxQuantity, active } = product;
  const management = useProductManagement(product);
  return (
    <li
      className={`grid grid-cols-[3rem_1fr_5.5rem] items-center gap-x-4 gap-y-3 border-b border-line py-3.5 last:border-0 ${productColumnsClass}`}
    >
      <Picture
        url={pictureUrls[0]}
        productId={id}
        className={`w-12 rounded-sm ${active ? "" : "opacity-45"}`}
      />
      <Link
        dir="auto"
        to={`/admin/products/${id}`}
        className="touch-target min-w-0 font-semibold break-words hover:text-accent hover:underline"
      >
        {name}
      </Link>
      <Cell title={t("admin.common.price")} className="max-md:col-start-2">
        <div className="flex items-center gap-2">
          <InlineField
            label={t("admin.productRow.priceOf", { name, currency })}
            inputMode="decimal"
            value={toDecimal(priceMinor, currency)}
            check={(text) =>
              parseMoney(text, currency) === undefined ? t("admin.common.priceInvalid") : undefined
            }
            onSave={management.savePrice}
          />
          <span aria-hidden className="text-xs text-faint">
            {currency}
          </span>
        </div>
      </Cell>
      <Cell
        title={t("admin.common.stock")}
        className="max-md:col-span-2 max-md:col-start-2 max-md:row-start-3"
      >
        <RestockField name={name} stock={stock} onRestock={management.restock} />
      </Cell>
      <Cell title={t("admin.common.limit")} className="max-md:col-start-3">
        <InlineField
          label={t("admin.productRow.limitOf", { name })}
          inputMode="numeric"
          value={String(maxQuantity)}
          check={(text) =>
            /^[1-9]\d?$/.test(text.trim()) ? undefined : t("admin.productRow.limitInvalid")
          }
          onSave={management.saveMaxQuantity}
        />
      </Cell>
      <OnSaleCheckbox
        name={name}
        active={active}
        onChange={management.saveActive}
        className="max-md:col-start-3 max-md:row-start-1"
      />
    </li>
  );
}

type CellProps = { title: string; className: string; children: ReactNode };

/** `title` labels the field where there are no columns with headings. */
function Cell({ title, className, children }: CellProps) {
  return (
    <div className={className}>
      <p aria-hidden className="mb-1 text-xs text-faint md:hidden">
        {title}
      </p>
      {children}
    </div>
  );
}

type OnSaleCheckboxProps = {
  name: string;
  active: boolean;
  onChange: (active: boolean) => Promise<unknown>;
  className: string;
};

function OnSaleCheckbox({ name, active, onChange, className }: OnSaleCheckboxProps) {
  const change = useMutation({
    mutationFn: onChange,
    onError: (error) => toast(errorMessage(error)),
  });
  return (
    <label className={`flex min-h-11 items-center gap-2 text-sm text-soft ${className}`}>
      <input
        type="checkbox"
        aria-label={t("admin.productRow.forSale", { name })}
        checked={change.isPending ? change.variables : active}
        onChange={({ target }) => change.mutate(target.checked)}
        className="size-4.5"
      />
      <span className="md:hidden">{t("admin.common.forSale")}</span>
    </label>
  );
}
