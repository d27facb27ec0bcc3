import { CircleAlert, Info } from "lucide-react";
import type { ReactNode } from "react";

/** A message about a whole form or page. Screen readers announce a danger at once. */
export function Alert({ tone, children }: { tone: "danger" | "note"; children: ReactNode }) {
  const colorClass =
    tone === "danger" ? "bg-danger-wash text-danger" : "bg-accent-wash text-accent-deep";
  const Icon = tone === "danger" ? CircleAlert : Info;
  return (
    <div
      role={tone === "danger" ? "alert" : "status"}
      className={`flex gap-2.5 rounded-md px-4 py-3 text-sm ${colorClass}`}
    >
      <Icon className="mt-0.5 size-4.5 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
