import { Code } from "@connectrpc/connect";
import { CloudOff } from "lucide-react";
import { errorMessage } from "../lib/error-messages.ts";
import { codeOf } from "../lib/errors.ts";
import { Button } from "./button.tsx";
import { Heading } from "./heading.tsx";
import { NotFoundPage } from "./not-found-page.tsx";

// The server rejects an id that is no UUID as invalid; for readers, that page does not exist.
const notFoundCodes = new Set([Code.NotFound, Code.InvalidArgument]);

/** The error of a read, with a button to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-center gap-4 py-14 text-center">
      <CloudOff className="size-8 text-faint" aria-hidden />
      <p className="max-w-sm text-soft">{errorMessage(error)}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}

/** The error of a whole page: the not-found page, or a button to try again. */
export function PageFailure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (notFoundCodes.has(codeOf(error))) return <NotFoundPage />;
  return (
    <>
      <Heading title="This did not load" className="sr-only" />
      <Failure error={error} onRetry={onRetry} />
    </>
  );
}
