import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { fullName } from "../../people/names.ts";
import { RelativeTime } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";
import type { ManagedUser } from "../managed-user-queries.ts";
import { ManagedUserMenu } from "./managed-user-menu.tsx";

/** A user in the admin's list. */
export function ManagedUserRow({ managed }: { managed: ManagedUser }) {
  const { user, isAdmin, isDeactivated } = managed;
  return (
    <li className="flex items-center gap-4 border-b border-line py-3.5 last:border-0">
      <Avatar user={user} size="md" />
      <div className="grid min-w-0 flex-1 items-center gap-x-6 md:grid-cols-[1fr_1.2fr_7rem_7rem]">
        <div className="min-w-0">
          <Link
            to={`/members/${user.id}`}
            className="touch-target font-semibold hover:text-accent hover:underline"
          >
            <bdi>{user.nickname}</bdi>
          </Link>
          <p dir="auto" className="truncate text-left rtl:text-right text-sm text-faint">
            {fullName(user)}
          </p>
        </div>
        <p className="truncate text-sm text-soft">{user.email}</p>
        <p className="text-sm text-faint max-md:hidden">
          <Trans
            id="admin.userRow.joined"
            values={{
              time: <RelativeTime at={user.createTime} />,
              hidden: (text) => <span className="sr-only">{text}</span>,
            }}
          />
        </p>
        <p className="flex flex-wrap gap-1.5 empty:hidden">
          {isAdmin && (
            <Badge className="bg-accent-wash text-accent-deep">{t("admin.userRow.admin")}</Badge>
          )}
          {isDeactivated && (
            <Badge className="bg-danger-wash text-danger">{t("admin.userRow.deactivated")}</Badge>
          )}
        </p>
      </div>
      <ManagedUserMenu managed={managed} />
    </li>
  );
}

function Badge({ className, children }: { className: string; children: string }) {
  return (
    <span className={`rounded-sm px-2 py-0.5 text-xs font-semibold ${className}`}>{children}</span>
  );
}
