import { type ReactNode, useEffect } from "react";
import type { Path } from "react-router";
import { t } from "../../lib/messages.ts";
import { useBlocker } from "../../lib/routing/use-blocker.ts";
import { Button } from "../button.tsx";
import { Dialog } from "../dialog.tsx";

type LeaveGuardProps = { active: boolean; title: string; children: ReactNode };

/** While active, asks before the user leaves the page, except to sign in, which leads back here. */
export function LeaveGuard({ active, title, children }: LeaveGuardProps) {
  const blocked = useBlocker(active, leadsAway);
  useEffect(() => {
    if (!active) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [active]);

  if (!blocked) return null;
  return (
    <Dialog title={title} onClose={() => blocked.reset()}>
      <p className="text-soft">{children}</p>
      <div className="mt-6 flex flex-wrap justify-end gap-3">
        <Button onClick={() => blocked.reset()}>{t("ui.leaveGuard.stay")}</Button>
        <Button variant="primary" onClick={() => blocked.proceed()}>
          {t("ui.leaveGuard.leave")}
        </Button>
      </div>
    </Dialog>
  );
}

function leadsAway(from: Path, to: Path): boolean {
  return from.pathname !== to.pathname && to.pathname !== "/sign-in";
}
