import type { ReactNode } from "react";
import { Arcade } from "./arcade.tsx";
import { Heading } from "./heading.tsx";

/** The frame of signing in and signing up. */
export function Entrance({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="mx-auto max-w-form overflow-hidden rounded-lg bg-card shadow-card">
      <Arcade className="h-28" />
      <div className="p-6 sm:p-8">
        <Heading title={title} className="mb-6 text-2xl font-bold" />
        {children}
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
