import { t } from "../../lib/messages.ts";
import { Alert } from "../alert.tsx";

/** Tells that a form shows a draft, with a button that discards it. */
export function DraftNotice({ shown, onDiscard }: { shown: boolean; onDiscard: () => void }) {
  if (!shown) return null;
  return (
    <Alert tone="note">
      {t("ui.draftNotice.restored")}{" "}
      <button type="button" className="font-semibold underline" onClick={onDiscard}>
        {t("ui.draftNotice.discard")}
      </button>
    </Alert>
  );
}
