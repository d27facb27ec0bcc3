import { skeletonRowKeys } from "../../ui/skeletons.tsx";

/** Stands in for the list of chats. */
export function ChatListSkeleton() {
  return [...skeletonRowKeys, "e", "f"].map((row) => (
    <div key={row} className="flex items-center gap-3 px-3 py-2.5">
      <div className="skeleton size-11 shrink-0 rounded-full" />
      <div className="flex-1">
        <div className="skeleton mb-2 h-5 w-2/5" />
        <div className="skeleton h-4 w-4/5" />
      </div>
    </div>
  ));
}

/** Stands in for the messages of a chat. */
export function MessagesSkeleton() {
  return ["w-1/2", "w-3/5 ms-auto", "w-2/5", "w-1/3 ms-auto", "w-3/5"].map((width) => (
    <div key={width} className={`skeleton mb-4 h-12 max-w-full rounded-lg ${width}`} />
  ));
}
