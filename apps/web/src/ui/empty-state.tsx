import type { ReactNode } from "react";
import { Arcade } from "./hero-art.tsx";

/** An empty list says why, and what one can do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 py-14 text-center">
      <Arcade className="mb-2 h-16 w-40 overflow-hidden rounded-md" />
      <p className="text-lg font-semibold">{title}</p>
      {children && <div className="max-w-sm text-soft">{children}</div>}
    </div>
  );
}
