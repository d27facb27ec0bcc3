import type { UseFormReturn } from "react-hook-form";
import { t } from "../../lib/messages.ts";
import { Picture } from "../../shop/components/picture.tsx";
import { Button, LinkButton } from "../../ui/button.tsx";
import type { Revision } from "../../ui/forms/conflicts.ts";
import { DraftNotice } from "../../ui/forms/draft-notice.tsx";
import { EditConflict } from "../../ui/forms/edit-conflict.tsx";
import { TextAreaField, TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { LeaveGuard } from "../../ui/forms/leave-guard.tsx";
import { useDraftEdit } from "../../ui/forms/use-draft-edit.ts";
import { MarkdownEditor } from "../../ui/markdown/markdown-editor.tsx";
import { type ProductFormValues, parseProductForm, splitLines } from "../product-form-values.ts";

/** Saves the product of the form, if it still has the etag. `changed` has the names of the changed fields. */
export type SaveProduct = (
  product: NonNullable<ReturnType<typeof parseProductForm>>,
  changed: readonly (keyof ProductFormValues)[],
  etag: string,
) => Promise<void>;

type ProductRevision = Revision<ProductFormValues>;

function fieldLabels(): Partial<Record<keyof ProductFormValues, string>> {
  return {
    name: t("admin.productForm.name"),
    priceMinor: t("admin.common.price"),
    maxQuantity: t("admin.common.limit"),
    pictureUrls: t("admin.productForm.pictures"),
    description: t("admin.productForm.description"),
    active: t("admin.common.forSale"),
  };
}

type ProductFormProps = {
  /** Where the product is written, for its draft: `new`, or its id. */
  place: string;
  initial: ProductRevision;
  /** Reads the product again. */
  load: () => Promise<ProductRevision>;
  isNew: boolean;
  onSubmit: SaveProduct;
};

/** The editor of a new or an existing product. */
export function ProductForm({ place, initial, load, isNew, onSubmit }: ProductFormProps) {
  const edit = useDraftEdit<ProductFormValues>({
    place: `product.${place}`,
    initial,
    labels: fieldLabels(),
    load,
    async save(values, changed, etag) {
      const product = parseProductForm(values, form);
      if (!product) return undefined;
      await onSubmit(product, changed, etag);
      return { values, etag };
    },
  });
  const { form, conflicts, isChanged, isRestored, discard, submit } = edit;
  const { isSubmitting } = form.formState;
  return (
    <Form form={form} onSubmit={submit} className="space-y-6">
      <DraftNotice shown={isRestored} onDiscard={discard} />
      <EditConflict form={form} conflicts={conflicts} />
      <TextField
        form={form}
        name="name"
        label={t("admin.productForm.name")}
        limit={125}
        autoComplete="off"
      />
      <NumberFields form={form} isNew={isNew} />
      <PictureFields form={form} />
      <MarkdownEditor form={form} name="description" label={t("admin.productForm.description")} />
      {!isNew && (
        <label className="flex min-h-11 items-center gap-3 font-semibold">
          <input type="checkbox" {...form.register("active")} className="size-4.5" />
          {t("admin.common.forSale")}
        </label>
      )}
      <div className="flex flex-wrap items-center justify-end gap-3">
        <LinkButton to="/admin/products" variant="plain">
          {t("ui.common.cancel")}
        </LinkButton>
        <Button type="submit" variant="primary" busy={isSubmitting} disabled={!isChanged}>
          {t(isNew ? "admin.common.addProduct" : "ui.common.save")}
        </Button>
      </div>
      <LeaveGuard active={isChanged && !isSubmitting} title={t("admin.productForm.leave")}>
        {t("admin.productForm.leaveHint")}
      </LeaveGuard>
    </Form>
  );
}

type FieldsProps = { form: UseFormReturn<ProductFormValues> };

/** Currency and stock only for a new product: the currency cannot change, the stock changes in the list. */
function NumberFields({ form, isNew }: FieldsProps & { isNew: boolean }) {
  return (
    <div className="grid gap-5 sm:grid-cols-2 lg:grid-cols-4">
      <TextField
        form={form}
        name="priceMinor"
        label={
          isNew
            ? t("admin.common.price")
            : t("admin.productForm.priceIn", { currency: form.getValues("currency") })
        }
        inputMode="decimal"
      />
      {isNew && (
        <>
          <TextField
            form={form}
            name="currency"
            label={t("admin.productForm.currency")}
            autoCapitalize="characters"
            hint={t("admin.productForm.currencyHint")}
          />
          <TextField form={form} name="stock" label={t("admin.common.stock")} inputMode="numeric" />
        </>
      )}
      <TextField
        form={form}
        name="maxQuantity"
        label={t("admin.common.limit")}
        inputMode="numeric"
      />
    </div>
  );
}

function PictureFields({ form }: FieldsProps) {
  const urls = splitLines(form.watch("pictureUrls"));
  return (
    <div>
      <TextAreaField
        form={form}
        name="pictureUrls"
        label={t("admin.productForm.pictures")}
        rows={3}
        spellCheck={false}
        autoCapitalize="none"
        hint={t("admin.productForm.picturesHint")}
        className="whitespace-pre"
      />
      {urls.length > 0 && (
        <div className="mt-3 flex flex-wrap gap-3">
          {[...new Set(urls)].map((url) => (
            <Picture key={url} url={url} productId={undefined} className="size-20 rounded-md" />
          ))}
        </div>
      )}
    </div>
  );
}
