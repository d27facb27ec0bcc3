import { t } from "../lib/messages.ts";

/** React keys of the rows of a skeleton. */
export const skeletonRowKeys = ["a", "b", "c", "d"];

/** Stands in for a page while its code or data loads. */
export function PageSkeleton() {
  return (
    <div className="mx-auto max-w-text" role="status" aria-label={t("ui.common.loading")}>
      <div className="skeleton mb-5 h-10 w-2/3" />
      <div className="skeleton mb-12 h-5 w-1/3" />
      {skeletonRowKeys.map((row) => (
        <div key={row} className="skeleton mb-4 h-5 w-full last:w-3/5" />
      ))}
    </div>
  );
}

export function AvatarRowsSkeleton() {
  return skeletonRowKeys.map((row) => (
    <div key={row} className="flex items-center gap-4 border-b border-line py-4">
      <div className="skeleton size-11 rounded-full" />
      <div className="flex-1">
        <div className="skeleton mb-2 h-5 w-36" />
        <div className="skeleton h-4 w-56 max-w-full" />
      </div>
    </div>
  ));
}

export function TextRowsSkeleton() {
  return skeletonRowKeys.map((row) => (
    <div key={row} className="border-b border-line py-4">
      <div className="skeleton mb-3 h-5 w-3/5" />
      <div className="skeleton h-5 w-40" />
    </div>
  ));
}

/** Stands in for rows of a picture and a few words. */
export function PictureRowsSkeleton() {
  return skeletonRowKeys.map((row) => (
    <div key={row} className="flex gap-4 border-b border-line py-5">
      <div className="skeleton size-20 shrink-0 rounded-md" />
      <div className="flex-1">
        <div className="skeleton mb-3 h-5 w-2/5" />
        <div className="skeleton h-5 w-24" />
      </div>
    </div>
  ));
}
