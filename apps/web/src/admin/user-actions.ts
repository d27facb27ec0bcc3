import type { LucideIcon } from "lucide-react";
import { Power, ShieldCheck, ShieldOff, Trash2 } from "lucide-react";
import { auth, users } from "../lib/clients.ts";
import type { ManagedUser } from "./managed-user-queries.ts";

/** An act of an admin on a user. All reach far, so each asks first. */
export type UserAction = {
  readonly icon: LucideIcon;
  /** The label of the menu item and of the button that confirms. */
  readonly label: string;
  readonly question: string;
  readonly explanation: string;
  readonly successMessage: string;
  readonly isDestructive: boolean;
  run(): Promise<unknown>;
};

/** The acts that fit the state of the user's account. */
export function userActions({ user, isAdmin, isDeactivated }: ManagedUser): UserAction[] {
  const { id, nickname } = user;
  const role: UserAction = isAdmin
    ? {
        icon: ShieldOff,
        label: "Revoke admin",
        question: `Revoke admin from ${nickname}?`,
        explanation: `${nickname} keeps the account, but can no longer manage members, posts and the shop.`,
        successMessage: `${nickname} is no longer an admin.`,
        isDestructive: true,
        run: () => auth.revokeRole({ id, role: "admin" }),
      }
    : {
        icon: ShieldCheck,
        label: "Make admin",
        question: `Make ${nickname} an admin?`,
        explanation: `${nickname} will see all e-mail addresses and orders, and can change or delete every member, post and product.`,
        successMessage: `${nickname} is an admin now.`,
        isDestructive: false,
        run: () => auth.grantRole({ id, role: "admin" }),
      };
  const state: UserAction = isDeactivated
    ? {
        icon: Power,
        label: "Reactivate",
        question: `Reactivate ${nickname}?`,
        explanation: `${nickname} can sign in again.`,
        successMessage: `${nickname} can sign in again.`,
        isDestructive: false,
        run: () => auth.reactivateAccount({ id }),
      }
    : {
        icon: Power,
        label: "Deactivate",
        question: `Deactivate ${nickname}?`,
        explanation: `${nickname} is signed out everywhere, and cannot sign in until an admin reactivates the account.`,
        successMessage: `${nickname} is deactivated.`,
        isDestructive: true,
        run: () => auth.deactivateAccount({ id }),
      };
  const deletion: UserAction = {
    icon: Trash2,
    label: "Delete",
    question: `Delete ${nickname}?`,
    explanation: `The account, the profile and all posts of ${nickname} will be gone for good.`,
    successMessage: `${nickname} is deleted.`,
    isDestructive: true,
    run: () => users.deleteUser({ id }),
  };
  return [role, state, deletion];
}
