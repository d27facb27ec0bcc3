import type { Cart } from "@plaza/contract/shop/v1/carts";
import { t } from "../../lib/messages.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Failure } from "../../ui/failure.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { Heading } from "../../ui/heading.tsx";
import { PictureRowsSkeleton } from "../../ui/skeletons.tsx";
import { useCart } from "../cart.ts";
import { canCheckOut } from "../cart-changes.ts";
import { DeliveryFields, useDeliveryForm } from "../components/delivery-fields.tsx";
import { OrderSummary } from "../components/order-summary.tsx";
import { formatMoney } from "../money.ts";
import { useCheckOut } from "../use-check-out.ts";

export function CheckOutPage() {
  return (
    <div className="mx-auto max-w-5xl">
      <Heading title={t("shop.checkOut.title")} className="mb-6 text-3xl font-bold" />
      <CheckOutContent />
    </div>
  );
}

function CheckOutContent() {
  const { query, cart } = useCart();
  if (query.isPending) {
    return (
      <div role="status" aria-label={t("shop.cart.loading")}>
        <PictureRowsSkeleton />
      </div>
    );
  }
  if (!cart) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (cart.items.length === 0) return <EmptyCart />;
  return <CheckOut cart={cart} isSettled={cart === query.data} />;
}

function CheckOut({ cart, isSettled }: { cart: Cart; isSettled: boolean }) {
  const { order, problem } = useCheckOut(cart);
  const { form, submit } = useDeliveryForm(order);
  const isAvailable = canCheckOut(cart);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-12 gap-y-8 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <OrderSummary cart={cart} problem={problem} />
      <Form form={form} onSubmit={submit}>
        <DeliveryFields form={form} />
        <p className="text-soft">{t("shop.checkOut.payment")}</p>
        <Button
          type="submit"
          variant="primary"
          className="w-full"
          busy={form.formState.isSubmitting || !isSettled}
          disabled={!isAvailable}
        >
          {t("shop.checkOut.placeOrder", { total: formatMoney(cart.totalMinor, cart.currency) })}
        </Button>
        {!isAvailable && <p className="text-sm text-soft">{t("shop.checkOut.hasProblems")}</p>}
      </Form>
    </div>
  );
}

function EmptyCart() {
  return (
    <EmptyState title={t("shop.cart.empty")}>
      {t("shop.checkOut.emptyHint")}
      <div className="mt-5 flex flex-wrap justify-center gap-3">
        <LinkButton to="/orders">{t("shop.orders.title")}</LinkButton>
        <LinkButton to="/shop" variant="primary">
          {t("shop.cart.browse")}
        </LinkButton>
      </div>
    </EmptyState>
  );
}
