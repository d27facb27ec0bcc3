import { Code } from "@connectrpc/connect";
import { CloudOff } from "lucide-react";
import { errorMessage } from "../lib/error-messages.ts";
import { codeOf } from "../lib/errors.ts";
import { Button } from "./button.tsx";
import { Heading } from "./heading.tsx";
import { NotFoundPage } from "./not-found-page.tsx";

// An id that is no UUID is refused as invalid: to a reader, a page that does not exist.
const notFoundCodes = new Set([Code.NotFound, Code.InvalidArgument]);

/** What went wrong while reading, with a way to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-center gap-4 py-14 text-center">
      <CloudOff className="size-8 text-faint" aria-hidden />
      <p className="max-w-sm text-soft">{errorMessage(error)}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}

/** The failure of a whole page: not found, or a way to try again. */
export function PageFailure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (notFoundCodes.has(codeOf(error))) return <NotFoundPage />;
  return (
    <>
      <Heading title="This did not load" className="sr-only" />
      <Failure error={error} onRetry={onRetry} />
    </>
  );
}
