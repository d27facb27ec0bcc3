import { CloudOff } from "lucide-react";
import { useEffect } from "react";
import { mayReload } from "../../lib/load-errors.ts";
import { t } from "../../lib/messages.ts";
import { untilReachable, useOnline } from "../../lib/reachability.ts";
import { Button } from "../../ui/button.tsx";
import { Heading } from "../../ui/heading.tsx";

/**
 * Shown when the code of a page cannot be loaded. Loads the page again as soon as the server answers: then the
 * connection is back, or a newer Plaza was installed, whose pages have other files.
 */
export function UnreachablePage() {
  const isOnline = useOnline();
  useEffect(() => {
    const leaving = new AbortController();
    void untilReachable(leaving.signal).then(() => {
      if (!leaving.signal.aborted && mayReload()) window.location.reload();
    });
    return () => leaving.abort();
  }, []);
  return (
    <div role="alert" className="flex flex-col items-center gap-5 px-4 py-20 text-center">
      <CloudOff className="size-10 text-faint" aria-hidden />
      <Heading title={isOnline ? t("app.unreachable.server") : t("app.unreachable.offline")} />
      <p className="max-w-sm text-soft">
        {isOnline ? t("app.unreachable.serverHint") : t("app.unreachable.offlineHint")}
      </p>
      <Button onClick={() => window.location.reload()}>{t("ui.common.tryAgain")}</Button>
    </div>
  );
}
