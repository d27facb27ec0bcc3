import type { Order } from "@plaza/contract/shop/v1/orders";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { userQuery } from "../../people/user-queries.ts";

/** Recipient, address and note of an order; for others than the buyer also the buyer. */
export function OrderDelivery({ order, isOwn }: { order: Order; isOwn: boolean }) {
  const { deliveryName, deliveryAddress, note, userId } = order;
  return (
    <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
      {!isOwn && (
        <Fact name="Buyer">
          {userId ? <Buyer userId={userId} /> : "A former member; the account was deleted."}
        </Fact>
      )}
      {deliveryName && <Fact name="For">{deliveryName}</Fact>}
      <Fact name="Delivery">{deliveryAddress || "Is picked up"}</Fact>
      {note && <Fact name="Note">{note}</Fact>}
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
        {data?.nickname ?? "Profile"}
      </Link>
      {" · "}
      <Link to={`/admin/carts/${userId}`} className="touch-target text-accent hover:underline">
        Cart
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
