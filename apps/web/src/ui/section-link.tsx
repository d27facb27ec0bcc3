import type { ReactNode } from "react";
import { NavLink } from "react-router";

type SectionLinkProps = { to: string; end?: boolean; icon: ReactNode; children: string };

/**
 * A link between pages that belong together. Also marked as the current one on the pages below it, unless `end` is
 * set.
 */
export function SectionLink({ to, end = false, icon, children }: SectionLinkProps) {
  return (
    <NavLink
      to={to}
      end={end}
      className="flex min-h-11 shrink-0 items-center gap-2.5 rounded-md px-3 text-sm font-semibold text-soft hover:bg-sunken max-md:px-2 hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:text-accent-deep [&_svg]:size-4.5 max-md:[&_svg]:hidden"
    >
      {icon}
      {children}
    </NavLink>
  );
}
