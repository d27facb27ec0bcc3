import type { Cart } from "@plaza/contract/shop/v1/carts";
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
      <Heading title="Check out" className="mb-6 text-3xl font-bold" />
      <CheckOutContent />
    </div>
  );
}

function CheckOutContent() {
  const { query, cart } = useCart();
  if (query.isPending) {
    return (
      <div role="status" aria-label="Loading the cart">
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
        <p className="text-soft">
          You pay on pick-up or by transfer. How, and until when, is said with your order.
        </p>
        <Button
          type="submit"
          variant="primary"
          className="w-full"
          busy={form.formState.isSubmitting || !isSettled}
          disabled={!isAvailable}
        >
          Order for {formatMoney(cart.totalMinor, cart.currency)}
        </Button>
        {!isAvailable && (
          <p className="text-sm text-soft">Look at the marked products before you order.</p>
        )}
      </Form>
    </div>
  );
}

function EmptyCart() {
  return (
    <EmptyState title="There is nothing in your cart">
      If you have just ordered, you find it among your orders.
      <div className="mt-5 flex flex-wrap justify-center gap-3">
        <LinkButton to="/orders">My orders</LinkButton>
        <LinkButton to="/shop" variant="primary">
          Look around the shop
        </LinkButton>
      </div>
    </EmptyState>
  );
}
