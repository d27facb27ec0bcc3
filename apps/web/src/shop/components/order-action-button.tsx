import type { Order } from "@plaza/contract/shop/v1/orders";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { reasonOf } from "../../lib/errors.ts";
import { t } from "../../lib/messages.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { focusHeading } from "../../ui/focus-heading.ts";
import { TextAreaField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { useDraftForm } from "../../ui/forms/use-draft-form.ts";
import { toast } from "../../ui/toasts.ts";
import type { OrderAction } from "../order-actions.ts";
import { cacheOrder, orderQuery, orderReference } from "../order-queries.ts";

type OrderActionButtonProps = {
  order: Order;
  action: OrderAction;
  variant?: "primary" | "quiet";
};

/** A button for an action on an order; a dialog explains it and takes a note first. */
export function OrderActionButton({ order, action, variant = "quiet" }: OrderActionButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const label = t(`shop.orderAction.label.${action.name}`);
  return (
    <>
      <Button
        variant={variant}
        aria-label={t("shop.orderAction.button", { label, reference: orderReference(order) })}
        onClick={() => setAsking(true)}
      >
        {label}
      </Button>
      {isAsking && (
        <Dialog
          title={t(`shop.orderAction.question.${action.name}`)}
          onClose={() => setAsking(false)}
        >
          <OrderActionForm order={order} action={action} onClose={() => setAsking(false)} />
        </Dialog>
      )}
    </>
  );
}

type OrderActionFormProps = { order: Order; action: OrderAction; onClose: () => void };

function OrderActionForm({ order, action, onClose }: OrderActionFormProps) {
  const { id } = order;
  const { name, isDestructive } = action;
  const client = useQueryClient();
  const { form, clear } = useDraftForm(`order.${id}.${name}`, { note: "" });
  const runAction = async ({ note }: { note: string }) => {
    try {
      const changed = await action.run({ id, note });
      clear();
      onClose();
      toast(t(`shop.orderAction.done.${name}`));
      await cacheOrder(client, changed);
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
      <p className="text-soft">
        {t(`shop.orderAction.explanation.${name}`, { reference: orderReference(order) })}
      </p>
      <TextAreaField
        form={form}
        name="note"
        label={t("shop.common.note")}
        rows={2}
        limit={500}
        hint={t(`shop.orderAction.noteHint.${name}`)}
      />
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>{t("shop.common.back")}</Button>
        <Button
          type="submit"
          variant={isDestructive ? "danger" : "primary"}
          busy={form.formState.isSubmitting}
        >
          {t(`shop.orderAction.label.${name}`)}
        </Button>
      </div>
    </Form>
  );
}
