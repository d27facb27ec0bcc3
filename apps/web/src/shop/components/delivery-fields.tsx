import type { UseFormReturn } from "react-hook-form";
import { t } from "../../lib/messages.ts";
import { fullName } from "../../people/names.ts";
import { useSession } from "../../session/session.ts";
import { TextAreaField, TextField } from "../../ui/forms/fields.tsx";
import { SegmentedControl } from "../../ui/forms/segmented-control.tsx";
import { useDraftForm } from "../../ui/forms/use-draft-form.ts";
import type { DeliveryDetails } from "../use-check-out.ts";

type DeliveryFormValues = DeliveryDetails & { method: "pickUp" | "delivery" };

/** The form for the delivery of an order, filled from the member's profile. `onSubmit` resolves to whether it is ordered. */
export function useDeliveryForm(onSubmit: (delivery: DeliveryDetails) => Promise<boolean>) {
  const user = useSession()?.user;
  const { form, clear } = useDraftForm<DeliveryFormValues>("checkout", {
    method: user?.address ? "delivery" : "pickUp",
    deliveryName: user ? fullName(user) || user.nickname : "",
    deliveryAddress: user?.address ?? "",
    note: "",
  });
  const submit = async ({ method, ...delivery }: DeliveryFormValues) => {
    const deliveryAddress = method === "pickUp" ? "" : delivery.deliveryAddress;
    if (method === "pickUp" || deliveryAddress.trim() !== "") {
      if (await onSubmit({ ...delivery, deliveryAddress })) clear();
      return;
    }
    const message = t("shop.checkOut.addressMissing");
    form.setError("deliveryAddress", { message }, { shouldFocus: true });
  };
  return { form, submit };
}

export function DeliveryFields({ form }: { form: UseFormReturn<DeliveryFormValues> }) {
  const method = form.watch("method");
  return (
    <>
      <TextField
        form={form}
        name="deliveryName"
        label={t("shop.common.recipient")}
        limit={200}
        autoComplete="name"
      />
      <div className="max-w-sm">
        <SegmentedControl
          label={t("shop.checkOut.deliveryMethod")}
          options={{ pickUp: t("shop.common.pickup"), delivery: t("shop.common.delivery") }}
          value={method}
          onChange={(chosen) => form.setValue("method", chosen)}
        />
      </div>
      {method === "delivery" && (
        <TextAreaField
          form={form}
          name="deliveryAddress"
          label={t("shop.checkOut.address")}
          rows={3}
          limit={425}
          autoComplete="street-address"
        />
      )}
      <TextAreaField
        form={form}
        name="note"
        label={t("shop.common.note")}
        rows={2}
        limit={1_000}
        hint={t("shop.checkOut.noteHint")}
      />
    </>
  );
}
