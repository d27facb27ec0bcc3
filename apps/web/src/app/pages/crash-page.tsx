import { isLoadError } from "../../lib/load-errors.ts";
import { t } from "../../lib/messages.ts";
import { Button } from "../../ui/button.tsx";
import { Heading } from "../../ui/heading.tsx";
import { UnreachablePage } from "./unreachable-page.tsx";

/** Shown when a page throws, or its code cannot be loaded. */
export function CrashPage({ error }: { error: unknown }) {
  if (isLoadError(error)) return <UnreachablePage />;
  return (
    <div className="flex flex-col items-center gap-5 px-4 py-20 text-center">
      <Heading title={t("ui.common.somethingWentWrong")} />
      <p className="max-w-sm text-soft">{t("app.crash.hint")}</p>
      <Button variant="primary" onClick={() => window.location.reload()}>
        {t("app.crash.reload")}
      </Button>
    </div>
  );
}
