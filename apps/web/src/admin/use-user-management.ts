import { useMutation, useQueryClient } from "@tanstack/react-query";
import { auth, users } from "../lib/clients.ts";
import { describe } from "../lib/errors.ts";
import type { ManagedUser } from "../people/user-queries.ts";
import { toast } from "../ui/toasts.ts";

type Change = { run: () => Promise<unknown>; done: string };

/** What an admin can change about one user; each change says when it is done. */
export function useManaging({ user, isAdmin, isDeactivated }: ManagedUser, onDone: () => void) {
  const { id, nickname } = user;
  const client = useQueryClient();
  const finish = async (text: string) => {
    onDone();
    // An admin can change himself, and then is somebody else.
    for (const key of ["managed-users", "user", "session"]) {
      await client.invalidateQueries({ queryKey: [key] });
    }
    toast(text);
  };
  const change = useMutation({
    mutationFn: ({ run }: Change) => run(),
    onSuccess: (_, { done }) => finish(done),
    onError: (error) => toast(describe(error)),
  });
  const deletion = useMutation({
    mutationFn: () => users.deleteUser({ id }),
    onSuccess: () => finish(`${nickname} is deleted.`),
  });
  const role: Change = isAdmin
    ? {
        run: () => auth.revokeRole({ id, role: "admin" }),
        done: `${nickname} is no longer an admin.`,
      }
    : { run: () => auth.grantRole({ id, role: "admin" }), done: `${nickname} is an admin now.` };
  const state: Change = isDeactivated
    ? { run: () => auth.reactivateAccount({ id }), done: `${nickname} can sign in again.` }
    : { run: () => auth.deactivateAccount({ id }), done: `${nickname} is deactivated.` };
  return {
    finish,
    deletion,
    toggleRole: () => change.mutate(role),
    toggleState: () => change.mutate(state),
  };
}
