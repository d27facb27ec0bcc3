import { Code } from "@connectrpc/connect";
import { CloudOff } from "lucide-react";
import { useEffect } from "react";
import { errorMessage } from "../lib/error-message.ts";
import { codeOf, isOutcomeUnknown } from "../lib/errors.ts";
import { isLoadError, mayReload } from "../lib/load-errors.ts";
import { t } from "../lib/messages.ts";
import { untilReachable, useOnline } from "../lib/reachability.ts";
import { Button } from "./button.tsx";
import { Heading } from "./heading.tsx";
import { NotFoundPage } from "./not-found-page.tsx";

const retryDelayMs = 4_000;

// The server rejects an id that is no UUID as invalid; for readers, that page does not exist.
const notFoundCodes = new Set([Code.NotFound, Code.InvalidArgument]);

/** The error of a read, with a button to try again. If the server was out of reach, it is tried again by itself. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const isOnline = useOnline();
  useEffect(() => {
    if (!isOutcomeUnknown(error)) return;
    const leaving = new AbortController();
    void waitToRetry(leaving.signal).then(() => {
      if (leaving.signal.aborted) return;
      // A newer Plaza has other files: what is missing will not be there later.
      if (isLoadError(error) && mayReload()) window.location.reload();
      else onRetry();
    });
    return () => leaving.abort();
    // `onRetry` is another function at each rendering.
  }, [error]);
  return (
    <div role="alert" className="flex flex-col items-center gap-4 py-14 text-center">
      <CloudOff className="size-8 text-faint" aria-hidden />
      <p className="max-w-sm text-soft">
        {isOnline ? errorMessage(error) : t("ui.failure.offline")}
      </p>
      <Button onClick={onRetry}>{t("ui.common.tryAgain")}</Button>
    </div>
  );
}

/** The error of a whole page: the not-found page, or a button to try again. */
export function PageFailure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (notFoundCodes.has(codeOf(error))) return <NotFoundPage />;
  return (
    <>
      <Heading title={t("ui.common.somethingWentWrong")} className="sr-only" />
      <Failure error={error} onRetry={onRetry} />
    </>
  );
}

/** Waits a while, so that a server that answers with errors is not asked without end, and until it is reachable. */
async function waitToRetry(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
  await untilReachable(signal);
}
