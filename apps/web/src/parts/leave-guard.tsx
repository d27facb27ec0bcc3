import { useEffect } from "react";
import { useBlocker } from "react-router";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

/** While active, asks before the page is left. Signing in again is let through: it leads back here. */
export function LeaveGuard({ active }: { active: boolean }) {
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
    <Dialog title="Leave without publishing?" onClose={() => blocker.reset()}>
      <p className="text-soft">
        Your text is not published. It stays on this device as a draft until you come back.
      </p>
      <div className="mt-6 flex flex-wrap justify-end gap-3">
        <Button onClick={() => blocker.reset()}>Stay</Button>
        <Button look="primary" onClick={() => blocker.proceed()}>
          Leave
        </Button>
      </div>
    </Dialog>
  );
}
