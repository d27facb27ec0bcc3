import { type UseFormReturn, useForm } from "react-hook-form";
import { fullName } from "../../people/names.ts";
import { useSession } from "../../session/session.ts";
import { TextAreaField, TextField } from "../../ui/forms/fields.tsx";
import { SegmentedControl } from "../../ui/forms/segmented-control.tsx";
import type { DeliveryDetails } from "../use-check-out.ts";

const deliveryMethodLabels = { pickUp: "I pick it up", delivery: "Send it to me" };

type DeliveryFormValues = DeliveryDetails & { way: keyof typeof deliveryMethodLabels };

/** A form for whom and where an order is for, filled with what the member's profile says. */
export function useDeliveryForm(onSubmit: (delivery: DeliveryDetails) => Promise<void>) {
  const user = useSession()?.user;
  const form = useForm<DeliveryFormValues>({
    defaultValues: {
      way: user?.address ? "delivery" : "pickUp",
      deliveryName: user ? fullName(user) || user.nickname : "",
      deliveryAddress: user?.address ?? "",
      note: "",
    },
  });
  const submit = async ({ way, ...delivery }: DeliveryFormValues) => {
    if (way === "pickUp") return onSubmit({ ...delivery, deliveryAddress: "" });
    if (delivery.deliveryAddress.trim()) return onSubmit(delivery);
    const message = "Say where it is to go, or choose to pick it up.";
    form.setError("deliveryAddress", { message }, { shouldFocus: true });
  };
  return { form, submit };
}

export function DeliveryFields({ form }: { form: UseFormReturn<DeliveryFormValues> }) {
  const way = form.watch("way");
  return (
    <>
      <TextField form={form} name="deliveryName" label="For whom" autoComplete="name" />
      <div className="max-w-sm">
        <SegmentedControl
          label="Delivery"
          options={deliveryMethodLabels}
          value={way}
          onChange={(chosen) => form.setValue("way", chosen)}
        />
      </div>
      {way === "delivery" && (
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
