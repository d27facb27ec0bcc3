import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { t } from "../../lib/messages.ts";
import { DisclosureButton } from "../../ui/disclosure-button.tsx";
import { Failure } from "../../ui/failure.tsx";
import { RelativeTime } from "../../ui/times.tsx";
import { formatMoney } from "../money.ts";
import { productPricesQuery } from "../product-queries.ts";

/** The earlier prices of a product, fetched when the reader opens them. */
export function PriceHistory({ productId }: { productId: string }) {
  const [open, setOpen] = useState(false);
  const panelId = useId();
  return (
    <div>
      <DisclosureButton
        open={open}
        panelId={panelId}
        onToggle={() => setOpen(!open)}
        className="-ms-2 min-h-11 px-2 text-faint hover:bg-sunken hover:text-ink"
      >
        {t("shop.priceHistory.title")}
      </DisclosureButton>
      {open && (
        <div id={panelId} className="rise mt-1 max-w-72 text-sm text-soft">
          <Prices productId={productId} />
        </div>
      )}
    </div>
  );
}

function Prices({ productId }: { productId: string }) {
  const { data, isPending, error, refetch } = useQuery(productPricesQuery(productId));
  if (isPending) {
    return (
      <div className="skeleton h-6" role="status" aria-label={t("shop.priceHistory.loading")} />
    );
  }
  if (!data) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <dl>
      {data.prices.map(({ priceMinor, currency, startTime }) => (
        <div key={String(startTime?.seconds)} className="flex justify-between gap-4 py-0.5">
          <dt className="text-faint">
            <RelativeTime at={startTime} />
          </dt>
          <dd className="tabular-nums">{formatMoney(priceMinor, currency)}</dd>
        </div>
      ))}
    </dl>
  );
}
