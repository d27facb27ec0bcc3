const rowKeys = ["a", "b", "c", "d"];

/** Stands in for a page whose code or data is on its way. */
export function PageSkeleton() {
  return (
    <div className="mx-auto max-w-text" role="status" aria-label="Loading">
      <div className="skeleton mb-5 h-10 w-2/3" />
      <div className="skeleton mb-12 h-5 w-1/3" />
      {rowKeys.map((row) => (
        <div key={row} className="skeleton mb-4 h-5 w-full last:w-3/5" />
      ))}
    </div>
  );
}

export function PostListSkeleton() {
  return rowKeys.map((row) => (
    <div key={row} className="border-b border-line py-7">
      <div className="skeleton mb-4 h-5 w-40" />
      <div className="skeleton mb-3 h-7 w-3/4" />
      <div className="skeleton mb-2 h-4 w-full" />
      <div className="skeleton h-4 w-4/5" />
    </div>
  ));
}

export function AvatarRowsSkeleton() {
  return rowKeys.map((row) => (
    <div key={row} className="flex items-center gap-4 border-b border-line py-4">
      <div className="skeleton size-11 rounded-full" />
      <div className="flex-1">
        <div className="skeleton mb-2 h-5 w-36" />
        <div className="skeleton h-4 w-56 max-w-full" />
      </div>
    </div>
  ));
}

export function ProductGridSkeleton() {
  return (
    <div className="grid grid-cols-2 gap-4 sm:gap-5 md:grid-cols-3 lg:grid-cols-4">
      {[...rowKeys, "e", "f", "g", "h"].map((card) => (
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
    <div className="pt-14" role="status" aria-label="Loading">
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

export function TextRowsSkeleton() {
  return rowKeys.map((row) => (
    <div key={row} className="border-b border-line py-4">
      <div className="skeleton mb-3 h-5 w-3/5" />
      <div className="skeleton h-5 w-40" />
    </div>
  ));
}

/** Stands in for rows of a picture and a few words: carts, orders, products to manage. */
export function PictureRowsSkeleton() {
  return rowKeys.map((row) => (
    <div key={row} className="flex gap-4 border-b border-line py-5">
      <div className="skeleton size-20 shrink-0 rounded-md" />
      <div className="flex-1">
        <div className="skeleton mb-3 h-5 w-2/5" />
        <div className="skeleton h-5 w-24" />
      </div>
    </div>
  ));
}

/** Stands in for the list of chats. */
export function ChatListSkeleton() {
  return [...rowKeys, "e", "f"].map((row) => (
    <div key={row} className="flex items-center gap-3 px-3 py-2.5">
      <div className="skeleton size-11 shrink-0 rounded-full" />
      <div className="flex-1">
        <div className="skeleton mb-2 h-5 w-2/5" />
        <div className="skeleton h-4 w-4/5" />
      </div>
    </div>
  ));
}

/** Stands in for what was said in a chat. */
export function MessagesSkeleton() {
  return ["w-1/2", "w-3/5 ml-auto", "w-2/5", "w-1/3 ml-auto", "w-3/5"].map((look) => (
    <div key={look} className={`skeleton mb-4 h-12 max-w-full rounded-lg ${look}`} />
  ));
}
