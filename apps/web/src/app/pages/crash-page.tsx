import { Button } from "../../ui/button.tsx";
import { Heading } from "../../ui/heading.tsx";

/** Shown when a page throws, or its code cannot be loaded because a newer Plaza was installed meanwhile. */
export function CrashPage() {
  return (
    <div className="flex flex-col items-center gap-5 px-4 py-20 text-center">
      <Heading title="This page broke" />
      <p className="max-w-sm text-soft">
        Something went wrong in the page itself. Loading it again usually helps.
      </p>
      <Button variant="primary" onClick={() => window.location.reload()}>
        Load again
      </Button>
    </div>
  );
}
