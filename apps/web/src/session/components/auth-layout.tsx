import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { Heading } from "../../ui/heading.tsx";
import { Arcade } from "../../ui/hero-art.tsx";

type EntranceProps = {
  title: string;
  /** The other way in. */
  other: { question: string; to: string; name: string };
  children: ReactNode;
};

/** The frame of signing in and signing up. */
export function Entrance({ title, other, children }: EntranceProps) {
  const { search } = useLocation();
  return (
    <div className="mx-auto max-w-form overflow-hidden rounded-lg bg-card shadow-card">
      <Arcade className="h-28" />
      <div className="p-6 sm:p-8">
        <Heading title={title} className="mb-6 text-2xl font-bold" />
        {children}
        <p className="mt-6 text-sm text-soft">
          {other.question}{" "}
          <Link to={other.to + search} className="font-semibold text-accent hover:underline">
            {other.name}
          </Link>
        </p>
      </div>
    </div>
  );
}

/** Where to go after signing in: a path of this site, whatever the address claims. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  const target = new URL(next, window.location.origin);
  if (target.origin !== window.location.origin) return "/";
  return target.pathname + target.search;
}
