import { useMutation } from "@tanstack/react-query";
import { t } from "../../lib/messages.ts";
import { ConfirmDialog } from "../../ui/dialog.tsx";

type SignOutDialogProps = { onSignOut: () => Promise<void>; onClose: () => void };

/** Asks before signing out deletes pending messages. */
export default function SignOutDialog({ onSignOut, onClose }: SignOutDialogProps) {
  const signOut = useMutation({ mutationFn: onSignOut, onSuccess: onClose });
  return (
    <ConfirmDialog
      title={t("app.signOut.title")}
      confirmLabel={t("ui.common.signOut")}
      mutation={signOut}
      onClose={onClose}
    >
      {t("app.signOut.warning")}
    </ConfirmDialog>
  );
}
