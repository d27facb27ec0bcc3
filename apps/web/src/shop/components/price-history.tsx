import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import { Failure } from "../../ui/failure.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { formatMoney } from "../money.ts";
import { productPricesQuery } from "../product-queries.ts";

/** What a product has cost; fetched when one asks for it. */
export function PriceHistory({ productId }: { productId: string }) {
  const [open, setOpen] = useState(false);
  const panel = useId();
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={open ? panel : undefined}
        onClick={() => setOpen(!open)}
        className="-ml-2 flex min-h-10 items-center gap-1.5 rounded-md px-2 text-sm text-faint hover:bg-sunken hover:text-ink"
      >
        Price history
        <ChevronDown
          aria-hidden
          className={`size-4 transition-transform duration-150 ${open ? "rotate-180" : ""}`}
        />
      </button>
      {open && (
        <div id={panel} className="rise mt-1 max-w-72 text-sm text-soft">
          <Prices productId={productId} />
        </div>
      )}
    </div>
  );
}

function Prices({ productId }: { productId: string }) {
  const { data, isPending, error, refetch } = useQuery(productPricesQuery(productId));
  if (isPending) return <div className="skeleton h-6" role="status" aria-label="Loading prices" />;
  if (!data) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <dl>
      {data.prices.map(({ priceMinor, currency, startTime }) => (
        <div key={String(startTime?.seconds)} className="flex justify-between gap-4 py-0.5">
          <dt className="text-faint">
            since <RelativeTime at={startTime} />
          </dt>
          <dd className="tabular-nums">{formatMoney(priceMinor, currency)}</dd>
        </div>
      ))}
    </dl>
  );
}
