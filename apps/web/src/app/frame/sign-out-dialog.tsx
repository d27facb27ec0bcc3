import { useMutation } from "@tanstack/react-query";
import { ConfirmDialog } from "../../ui/dialog.tsx";

type SignOutDialogProps = { onSignOut: () => Promise<void>; onClose: () => void };

/** Asks before signing out deletes pending messages. */
export default function SignOutDialog({ onSignOut, onClose }: SignOutDialogProps) {
  const signOut = useMutation({ mutationFn: onSignOut, onSuccess: onClose });
  return (
    <ConfirmDialog
      title="Sign out and lose messages?"
      confirmLabel="Sign out"
      mutation={signOut}
      onClose={onClose}
    >
      Some of your messages are not sent yet. Nothing of your chats stays in this browser when you
      sign out, hence they would be lost.
    </ConfirmDialog>
  );
}
