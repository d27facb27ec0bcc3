import { useRouteError } from "react-router";
import { isLoadError } from "../../lib/load-errors.ts";
import { Button } from "../../ui/button.tsx";
import { Heading } from "../../ui/heading.tsx";
import { UnreachablePage } from "./unreachable-page.tsx";

/** Shown when a page throws, or its code cannot be loaded. */
export function CrashPage() {
  if (isLoadError(useRouteError())) return <UnreachablePage />;
  return (
    <div className="flex flex-col items-center gap-5 px-4 py-20 text-center">
      <Heading title="Something went wrong" />
      <p className="max-w-sm text-soft">This page has an error. Loading it again usually helps.</p>
      <Button variant="primary" onClick={() => window.location.reload()}>
        Load again
      </Button>
    </div>
  );
}
