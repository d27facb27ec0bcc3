import type { LucideIcon } from "lucide-react";
import { Power, ShieldCheck, ShieldOff, Trash2 } from "lucide-react";
import { auth, users } from "../lib/clients.ts";
import type { ManagedUser } from "./managed-user-queries.ts";

/** An act of an admin on a user. All reach far, so each asks first. */
export type UserAction = {
  /** Its name in the ids of its texts. */
  readonly name: "makeAdmin" | "removeAdmin" | "deactivate" | "reactivate" | "delete";
  readonly icon: LucideIcon;
  readonly isDestructive: boolean;
  run(): Promise<unknown>;
};

/** The acts that fit the state of the user's account. */
export function userActions({ user: { id }, isAdmin, isDeactivated }: ManagedUser): UserAction[] {
  const role: UserAction = isAdmin
    ? {
        name: "removeAdmin",
        icon: ShieldOff,
        isDestructive: true,
        run: () => auth.revokeRole({ id, role: "admin" }),
      }
    : {
        name: "makeAdmin",
        icon: ShieldCheck,
        isDestructive: false,
        run: () => auth.grantRole({ id, role: "admin" }),
      };
  const state: UserAction = isDeactivated
    ? {
        name: "reactivate",
        icon: Power,
        isDestructive: false,
        run: () => auth.reactivateAccount({ id }),
      }
    : {
        name: "deactivate",
        icon: Power,
        isDestructive: true,
        run: () => auth.deactivateAccount({ id }),
      };
  const deletion: UserAction = {
    name: "delete",
    icon: Trash2,
    isDestructive: true,
    run: () => users.deleteUser({ id }),
  };
  return [role, state, deletion];
}
