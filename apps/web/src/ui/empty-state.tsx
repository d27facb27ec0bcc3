import type { ReactNode } from "react";
import { HeroArt } from "./hero-art.tsx";

/** An empty list says why, and what one can do. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 py-14 text-center">
      <HeroArt className="mb-2 h-16 w-40 overflow-hidden rounded-md" />
      <p className="text-lg font-semibold">{title}</p>
      {children && <div className="max-w-sm text-soft">{children}</div>}
    </div>
  );
}
