import type { Order } from "@plaza/contract/shop/v1/orders";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { userQuery } from "../../people/user-queries.ts";

/** Recipient, address and note of an order; for others than the buyer also the buyer. */
export function OrderDelivery({ order, isOwn }: { order: Order; isOwn: boolean }) {
  const { deliveryName, deliveryAddress, note, userId } = order;
  return (
    <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
      {!isOwn && (
        <Fact name={t("shop.orderDelivery.buyer")}>
          {userId ? <Buyer userId={userId} /> : t("shop.orderDelivery.deletedBuyer")}
        </Fact>
      )}
      {deliveryName && <Fact name={t("shop.common.recipient")}>{deliveryName}</Fact>}
      <Fact name={t("shop.common.delivery")}>{deliveryAddress || t("shop.common.pickup")}</Fact>
      {note && <Fact name={t("shop.common.note")}>{note}</Fact>}
    </dl>
  );
}

function Buyer({ userId }: { userId: string }) {
  const { data } = useQuery(userQuery(userId));
  return (
    <>
      <Link
        to={`/members/${userId}`}
        className="touch-target font-semibold text-accent hover:underline"
      >
        {data?.nickname ?? t("shop.orderDelivery.profile")}
      </Link>
      {" · "}
      <Link to={`/admin/carts/${userId}`} className="touch-target text-accent hover:underline">
        {t("shop.common.cart")}
      </Link>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm font-semibold">{name}</dt>
      <dd dir="auto" className="whitespace-pre-wrap text-soft [overflow-wrap:anywhere]">
        {children}
      </dd>
    </div>
  );
}
