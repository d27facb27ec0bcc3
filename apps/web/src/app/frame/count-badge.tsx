type CountBadgeProps = { count: number; className: string };

/** A count on an icon; its link says it in words. */
export function CountBadge({ count, className }: CountBadgeProps) {
  return (
    <span
      aria-hidden
      className={`absolute grid min-w-5 place-items-center rounded-full bg-fill px-1 text-[0.6875rem] leading-5 font-bold text-on-fill tabular-nums ${className}`}
    >
      {count > 99 ? "99+" : count}
    </span>
  );
}
