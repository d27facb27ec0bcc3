import type { ReactNode } from "react";
import { HeroArt } from "./hero-art.tsx";

/** Stands in for an empty list: why it is empty, and what to do about it. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 py-14 text-center">
      <HeroArt className="mb-2 h-16 w-40 overflow-hidden rounded-md" />
      <p className="text-lg font-semibold">{title}</p>
      {children && <div className="max-w-sm text-soft">{children}</div>}
    </div>
  );
}
