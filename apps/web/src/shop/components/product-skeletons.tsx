import { t } from "../../lib/messages.ts";
import { skeletonRowKeys } from "../../ui/skeletons.tsx";

export function ProductGridSkeleton() {
  return (
    <div className="grid grid-cols-2 gap-4 sm:gap-5 md:grid-cols-3 lg:grid-cols-4">
      {[...skeletonRowKeys, "e", "f", "g", "h"].map((card) => (
        <div key={card} className="overflow-hidden rounded-lg bg-card shadow-card">
          <div className="skeleton aspect-square rounded-none" />
          <div className="px-3.5 pt-3 pb-3.5 sm:px-4">
            <div className="skeleton mb-2.5 h-5 w-4/5" />
            <div className="skeleton h-5 w-16" />
          </div>
        </div>
      ))}
    </div>
  );
}

export function ProductSkeleton() {
  return (
    <div className="pt-14" role="status" aria-label={t("shop.common.loading")}>
      <div className="grid items-start gap-x-12 gap-y-8 md:grid-cols-2">
        <div className="skeleton aspect-square rounded-lg" />
        <div>
          <div className="skeleton mb-4 h-10 w-3/4" />
          <div className="skeleton mb-8 h-7 w-24" />
          <div className="skeleton mb-8 h-11 w-72 max-w-full" />
          <div className="skeleton mb-3 h-5 w-full" />
          <div className="skeleton h-5 w-3/5" />
        </div>
      </div>
    </div>
  );
}
