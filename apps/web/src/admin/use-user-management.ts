import { useMutation, useQueryClient } from "@tanstack/react-query";
import { auth, users } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-messages.ts";
import { toast } from "../ui/toasts.ts";
import type { ManagedUser } from "./managed-user-queries.ts";

type AccountChange = { run: () => Promise<unknown>; successMessage: string };

/** The changes that an admin can make to a user; each shows a toast when it is done. */
export function useUserManagement(
  { user, isAdmin, isDeactivated }: ManagedUser,
  onDone: () => void,
) {
  const { id, nickname } = user;
  const client = useQueryClient();
  const finish = async (text: string) => {
    onDone();
    // Admins can change their own account, so the session is read again too.
    for (const key of ["managed-users", "user", "session"]) {
      await client.invalidateQueries({ queryKey: [key] });
    }
    toast(text);
  };
  const change = useMutation({
    mutationFn: ({ run }: AccountChange) => run(),
    onSuccess: (_, { successMessage }) => finish(successMessage),
    onError: (error) => toast(errorMessage(error)),
  });
  const deletion = useMutation({
    mutationFn: () => users.deleteUser({ id }),
    onSuccess: () => finish(`${nickname} is deleted.`),
  });
  const role: AccountChange = isAdmin
    ? {
        run: () => auth.revokeRole({ id, role: "admin" }),
        successMessage: `${nickname} is no longer an admin.`,
      }
    : {
        run: () => auth.grantRole({ id, role: "admin" }),
        successMessage: `${nickname} is an admin now.`,
      };
  const state: AccountChange = isDeactivated
    ? {
        run: () => auth.reactivateAccount({ id }),
        successMessage: `${nickname} can sign in again.`,
      }
    : { run: () => auth.deactivateAccount({ id }), successMessage: `${nickname} is deactivated.` };
  return {
    finish,
    deletion,
    toggleRole: () => change.mutate(role),
    toggleState: () => change.mutate(state),
  };
}
