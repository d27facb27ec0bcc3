import { skeletonRowKeys } from "../../ui/skeletons.tsx";

export function PostListSkeleton() {
  return skeletonRowKeys.map((row) => (
    <div key={row} className="border-b border-line py-7">
      <div className="skeleton mb-4 h-5 w-40" />
      <div className="skeleton mb-3 h-7 w-3/4" />
      <div className="skeleton mb-2 h-4 w-full" />
      <div className="skeleton h-4 w-4/5" />
    </div>
  ));
}
