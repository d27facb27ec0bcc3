import type { Order } from "@plaza/contract/shop/v1/orders";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { reasonOf } from "../../lib/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { focusHeading } from "../../ui/focus-heading.ts";
import { TextAreaField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { useDraftForm } from "../../ui/forms/use-draft-form.ts";
import { toast } from "../../ui/toasts.ts";
import type { OrderActionSpec } from "../order-actions.ts";
import { cacheOrder, orderQuery, orderReference } from "../order-queries.ts";

type OrderActionButtonProps = {
  order: Order;
  action: OrderActionSpec;
  variant?: "primary" | "quiet";
};

/** A button for an action on an order; a dialog explains it and takes a note first. */
export function OrderActionButton({ order, action, variant = "quiet" }: OrderActionButtonProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button variant={variant} onClick={() => setAsking(true)}>
        {action.label}
        <span className="sr-only"> {orderReference(order)}</span>
      </Button>
      {isAsking && (
        <Dialog
          title={`${action.label}, ${orderReference(order)}`}
          onClose={() => setAsking(false)}
        >
          <OrderActionForm order={order} action={action} onClose={() => setAsking(false)} />
        </Dialog>
      )}
    </>
  );
}

type OrderActionFormProps = { order: Order; action: OrderActionSpec; onClose: () => void };

function OrderActionForm({ order: { id }, action, onClose }: OrderActionFormProps) {
  const client = useQueryClient();
  const { form, clear } = useDraftForm(`order.${id}.${action.label}`, { note: "" });
  const runAction = async ({ note }: { note: string }) => {
    try {
      const order = await action.run({ id, note });
      clear();
      onClose();
      toast(action.successMessage);
      await cacheOrder(client, order);
      focusHeading();
    } catch (error) {
      // Someone else was quicker: the page behind the dialog shows the new state.
      if (reasonOf(error) === "WRONG_ORDER_STATE") {
        await client.invalidateQueries(orderQuery(id));
        await client.invalidateQueries({ queryKey: ["orders"] });
      }
      throw error;
    }
  };
  return (
    <Form form={form} onSubmit={runAction}>
      <p className="text-soft">{action.explanation}</p>
      <TextAreaField
        form={form}
        name="note"
        label="Note"
        rows={2}
        limit={500}
        hint={`${action.noteHint}. Not needed; both sides see it.`}
      />
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>Back</Button>
        <Button
          type="submit"
          variant={action.isDestructive ? "danger" : "primary"}
          busy={form.formState.isSubmitting}
        >
          {action.label}
        </Button>
      </div>
    </Form>
  );
}
