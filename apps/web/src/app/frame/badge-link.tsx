import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { CountBadge } from "./count-badge.tsx";

type BadgeLinkProps = {
  to: string;
  /** With the count in words, for screen readers. */
  label: string;
  icon: ReactNode;
  count: number;
  className?: string;
};

/** A link with an icon and a count. */
export function BadgeLink(props: BadgeLinkProps) {
  const { to, label, icon, count, className = "" } = props;
  return (
    <NavLink
      to={to}
      aria-label={label}
      className={`relative grid size-11 shrink-0 place-items-center rounded-full text-soft hover:bg-sunken hover:text-ink aria-[current=page]:text-accent [&_svg]:size-5.5 ${className}`}
    >
      {icon}
      {count > 0 && <CountBadge count={count} className="top-0.5 end-0.5" />}
    </NavLink>
  );
}
