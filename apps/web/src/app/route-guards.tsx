import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { sessionQuery, useSession } from "../session/session.ts";
import { PageFailure } from "../ui/failure.tsx";
import { NotFoundPage } from "../ui/not-found-page.tsx";
import { PageSkeleton } from "../ui/skeletons.tsx";

/** Shows its children to members, remounted when the account changes, and sends visitors to sign in and back. */
export function MembersOnly({ children }: { children: ReactNode }) {
  const { data: session, isError, error, refetch } = useQuery(sessionQuery);
  const { pathname, search } = useLocation();
  if (session) return <Fragment key={session.user.id}>{children}</Fragment>;
  if (session === null) {
    return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  }
  if (isError) return <PageFailure error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

/** Shows its children to admins; for others the page does not exist. */
export function AdminsOnly({ children }: { children: ReactNode }) {
  return (
    <MembersOnly>
      <AdminGuard>{children}</AdminGuard>
    </MembersOnly>
  );
}

function AdminGuard({ children }: { children: ReactNode }) {
  return useSession()?.isAdmin ? children : <NotFoundPage />;
}
