import type { Cart } from "@plaza/contract/shop/v1/carts";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { shop } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { userQuery } from "../../people/user-queries.ts";
import { Picture } from "../../shop/components/picture.tsx";
import { formatMoney } from "../../shop/money.ts";
import { BackLink } from "../../ui/back-link.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { PageFailure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { PageSkeleton } from "../../ui/skeletons.tsx";
import { RelativeTime } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";

/** The cart of a member, for admins. */
export function MemberCartPage() {
  const { userId = "" } = useParams();
  const user = useQuery(userQuery(userId));
  const cart = useQuery({
    queryKey: ["member-cart", userId],
    queryFn: ({ signal }) => shop.getCart({ userId }, { signal }),
  });
  if (user.isPending || cart.isPending) return <PageSkeleton />;
  if (!user.data) return <PageFailure error={user.error} onRetry={() => void user.refetch()} />;
  if (!cart.data) return <PageFailure error={cart.error} onRetry={() => void cart.refetch()} />;
  const { nickname } = user.data;
  return (
    <div className="mx-auto max-w-text">
      <BackLink to={`/members/${userId}`}>{nickname}</BackLink>
      <Heading
        title={t("admin.memberCart.title", { nickname })}
        className="mb-4 text-3xl font-bold"
      />
      {cart.data.items.length > 0 ? (
        <CartContents cart={cart.data} />
      ) : (
        <EmptyState title={t("admin.memberCart.empty")} />
      )}
    </div>
  );
}

function CartContents({
  cart: { items, currency, quantity, totalMinor, updateTime },
}: {
  cart: Cart;
}) {
  return (
    <>
      <ul aria-label={t("admin.memberCart.items")}>
        {items.map((item) => (
          <li key={item.productId} className="flex items-center gap-4 border-b border-line py-3.5">
            <Picture
              url={item.pictureUrl}
              productId={item.productId}
              className="w-12 shrink-0 rounded-sm"
            />
            <p className="min-w-0 flex-1">
              <Link
                dir="auto"
                to={`/shop/${item.productId}`}
                className="font-semibold hover:text-accent hover:underline"
              >
                {item.name}
              </Link>
              <span className="block text-sm text-faint tabular-nums">
                {item.quantity} × {formatMoney(item.priceMinor, currency)}
              </span>
            </p>
            <span className="tabular-nums">{formatMoney(item.totalMinor, currency)}</span>
          </li>
        ))}
      </ul>
      <p className="flex items-baseline justify-between gap-4 pt-4">
        <span className="text-sm text-faint">
          <Trans
            id="admin.memberCart.summary"
            values={{ count: quantity, time: <RelativeTime at={updateTime} /> }}
          />
        </span>
        <strong className="tabular-nums">{formatMoney(totalMinor, currency)}</strong>
      </p>
    </>
  );
}
