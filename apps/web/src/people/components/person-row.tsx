import type { User } from "@plaza/contract/users/v1/users";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { fullName } from "../names.ts";
import { Avatar } from "./avatar.tsx";

/** A user in a list. The children, buttons for example, wrap below the name where there is no room beside it. */
export function PersonRow({ user, children }: { user: User; children?: ReactNode }) {
  return (
    <li className="flex items-center gap-4 border-b border-line py-3.5 last:border-0">
      <Avatar user={user} size="md" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-24 flex-1">
          <Link
            to={`/members/${user.id}`}
            className="touch-target font-semibold break-words hover:text-accent hover:underline"
          >
            <bdi>{user.nickname}</bdi>
          </Link>
          <p dir="auto" className="truncate text-left rtl:text-right text-sm text-faint">
            {fullName(user) || user.about}
          </p>
        </div>
        {children}
      </div>
    </li>
  );
}
