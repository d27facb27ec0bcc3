import { type UseFormReturn, useForm } from "react-hook-form";
import { fullName } from "../../people/names.ts";
import { useSession } from "../../session/session.ts";
import { TextAreaField, TextField } from "../../ui/forms/fields.tsx";
import { SegmentedControl } from "../../ui/forms/segmented-control.tsx";
import type { DeliveryDetails } from "../use-check-out.ts";

const deliveryMethodLabels = { pickUp: "I pick it up", delivery: "Send it to me" };

type DeliveryFormValues = DeliveryDetails & { method: keyof typeof deliveryMethodLabels };

/** The form for the delivery of an order, filled from the member's profile. */
export function useDeliveryForm(onSubmit: (delivery: DeliveryDetails) => Promise<void>) {
  const user = useSession()?.user;
  const form = useForm<DeliveryFormValues>({
    defaultValues: {
      method: user?.address ? "delivery" : "pickUp",
      deliveryName: user ? fullName(user) || user.nickname : "",
      deliveryAddress: user?.address ?? "",
      note: "",
    },
  });
  const submit = async ({ method, ...delivery }: DeliveryFormValues) => {
    if (method === "pickUp") return onSubmit({ ...delivery, deliveryAddress: "" });
    if (delivery.deliveryAddress.trim()) return onSubmit(delivery);
    const message = "Say where it is to go, or choose to pick it up.";
    form.setError("deliveryAddress", { message }, { shouldFocus: true });
  };
  return { form, submit };
}

export function DeliveryFields({ form }: { form: UseFormReturn<DeliveryFormValues> }) {
  const method = form.watch("method");
  return (
    <>
      <TextField form={form} name="deliveryName" label="For whom" autoComplete="name" />
      <div className="max-w-sm">
        <SegmentedControl
          label="Delivery"
          options={deliveryMethodLabels}
          value={method}
          onChange={(chosen) => form.setValue("method", chosen)}
        />
      </div>
      {method === "delivery" && (
        <TextAreaField
          form={form}
          name="deliveryAddress"
          label="Address"
          rows={3}
          autoComplete="street-address"
        />
      )}
      <TextAreaField
        form={form}
        name="note"
        label="Note"
        rows={2}
        hint="Anything that we should know. Not needed."
      />
    </>
  );
}
