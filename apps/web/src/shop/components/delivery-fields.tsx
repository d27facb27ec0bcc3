import { type UseFormReturn, useForm } from "react-hook-form";
import { fullName } from "../../people/user-queries.ts";
import { useSession } from "../../session/session.ts";
import { TextAreaField, TextField } from "../../ui/forms/fields.tsx";
import { Segmented } from "../../ui/forms/segmented-control.tsx";
import type { Delivery } from "../use-check-out.ts";

const ways = { pickUp: "I pick it up", delivery: "Send it to me" };

type Values = Delivery & { way: keyof typeof ways };

/** A form for whom and where an order is for, filled with what the member's profile says. */
export function useDelivery(onReady: (delivery: Delivery) => Promise<void>) {
  const user = useSession()?.user;
  const form = useForm<Values>({
    defaultValues: {
      way: user?.address ? "delivery" : "pickUp",
      deliveryName: user ? fullName(user) || user.nickname : "",
      deliveryAddress: user?.address ?? "",
      note: "",
    },
  });
  const submit = async ({ way, ...delivery }: Values) => {
    if (way === "pickUp") return onReady({ ...delivery, deliveryAddress: "" });
    if (delivery.deliveryAddress.trim()) return onReady(delivery);
    const message = "Say where it is to go, or choose to pick it up.";
    form.setError("deliveryAddress", { message }, { shouldFocus: true });
  };
  return { form, submit };
}

export function DeliveryFields({ form }: { form: UseFormReturn<Values> }) {
  const way = form.watch("way");
  return (
    <>
      <TextField form={form} name="deliveryName" label="For whom" autoComplete="name" />
      <div className="max-w-sm">
        <Segmented
          label="Delivery"
          options={ways}
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
