import { type ReactNode, useEffect } from "react";
import { useBlocker } from "react-router";
import { t } from "../../lib/messages.ts";
import { Button } from "../button.tsx";
import { Dialog } from "../dialog.tsx";

type LeaveGuardProps = { active: boolean; title: string; children: ReactNode };

/** While active, asks before the user leaves the page, except to sign in, which leads back here. */
export function LeaveGuard({ active, title, children }: LeaveGuardProps) {
  const blocker = useBlocker(
    ({ currentLocation: from, nextLocation: to }) =>
      active && from.pathname !== to.pathname && to.pathname !== "/sign-in",
  );
  useEffect(() => {
    if (!active) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [active]);

  if (blocker.state !== "blocked") return null;
  return (
    <Dialog title={title} onClose={() => blocker.reset()}>
      <p className="text-soft">{children}</p>
      <div className="mt-6 flex flex-wrap justify-end gap-3">
        <Button onClick={() => blocker.reset()}>{t("ui.leaveGuard.stay")}</Button>
        <Button variant="primary" onClick={() => blocker.proceed()}>
          {t("ui.leaveGuard.leave")}
        </Button>
      </div>
    </Dialog>
  );
}
