import type { Order } from "@plaza/contract/shop/v1/orders";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { reasonOf } from "../../lib/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { focusHeading } from "../../ui/focus-heading.ts";
import { TextAreaField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { toast } from "../../ui/toasts.ts";
import type { OrderStep } from "../order-actions.ts";
import { orderQuery, referenceOf, showOrder } from "../order-queries.ts";

type OrderStepProps = { order: Order; step: OrderStep; look?: "primary" | "quiet" };

/** Lets an order take a step, after a word about it. */
export function OrderStepButton({ order, step, look = "quiet" }: OrderStepProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button look={look} onClick={() => setAsking(true)}>
        {step.name}
        <span className="sr-only"> {referenceOf(order)}</span>
      </Button>
      {isAsking && (
        <Dialog title={`${step.name}, ${referenceOf(order)}`} onClose={() => setAsking(false)}>
          <StepForm order={order} step={step} onClose={() => setAsking(false)} />
        </Dialog>
      )}
    </>
  );
}

type StepFormProps = { order: Order; step: OrderStep; onClose: () => void };

function StepForm({ order: { id }, step, onClose }: StepFormProps) {
  const client = useQueryClient();
  const form = useForm({ defaultValues: { note: "" } });
  const take = async ({ note }: { note: string }) => {
    try {
      const order = await step.run({ id, note });
      onClose();
      toast(step.done);
      await showOrder(client, order);
      focusHeading();
    } catch (error) {
      // Somebody else was quicker; behind the dialog it is shown how far the order has come.
      if (reasonOf(error) === "WRONG_ORDER_STATE") {
        await client.invalidateQueries(orderQuery(id));
        await client.invalidateQueries({ queryKey: ["orders"] });
      }
      throw error;
    }
  };
  return (
    <Form form={form} onSubmit={take}>
      <p className="text-soft">{step.what}</p>
      <TextAreaField
        form={form}
        name="note"
        label="Note"
        rows={2}
        hint={`${step.note}. Not needed; both sides see it.`}
      />
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>Back</Button>
        <Button
          type="submit"
          look={step.isGrave ? "danger" : "primary"}
          busy={form.formState.isSubmitting}
        >
          {step.name}
        </Button>
      </div>
    </Form>
  );
}
