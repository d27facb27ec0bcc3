import { type Session, SessionKind } from "@plaza/contract/auth/v1/auth";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Monitor, Terminal } from "lucide-react";
import { useState } from "react";
import { auth } from "../../lib/clients.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Dot } from "../../ui/dot.tsx";
import { Failure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { AvatarRowsSkeleton } from "../../ui/skeletons.tsx";
import { RelativeTime } from "../../ui/times.tsx";
import { toast } from "../../ui/toasts.ts";
import { deviceName } from "../device-name.ts";

export function SessionsPage() {
  return (
    <>
      <Heading title="Sessions" className="mb-1 text-2xl font-bold" />
      <p className="mb-4 text-soft">Where you are signed in. End what you do not recognise.</p>
      <Sessions />
    </>
  );
}

function Sessions() {
  const { data, isPending, error, refetch } = useQuery({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => auth.listSessions({}, { signal }),
  });
  if (isPending) return <AvatarRowsSkeleton />;
  if (!data) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <ul aria-label="Sessions">
      {data.sessions.map((session) => (
        <SessionRow key={session.id} session={session} />
      ))}
    </ul>
  );
}

function SessionRow({ session }: { session: Session }) {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const end = useMutation({
    mutationFn: () => auth.deleteSession({ id: session.id }),
    onSuccess: async () => {
      setAsking(false);
      await client.invalidateQueries({ queryKey: ["sessions"] });
      toast("The session has ended.");
    },
  });
  const Icon = session.kind === SessionKind.TOKENS ? Terminal : Monitor;
  const device = deviceName(session.userAgent);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line py-4 last:border-0">
      <Icon className="size-6 shrink-0 text-faint" aria-hidden />
      <div className="min-w-0 flex-1 basis-40">
        <p className="font-semibold" title={session.userAgent}>
          {device}
        </p>
        <p className="flex flex-wrap gap-x-2 text-sm text-faint">
          <span>{session.address || "unknown address"}</span>
          <Dot />
          <span>
            used <RelativeTime at={session.lastUseTime} />
          </span>
        </p>
      </div>
      {session.current ? (
        <span className="rounded-sm bg-accent-wash px-2.5 py-1 text-xs font-semibold text-accent-deep">
          This device
        </span>
      ) : (
        <Button aria-label={`End ${device}`} onClick={() => setAsking(true)}>
          End
        </Button>
      )}
      {isAsking && (
        <ConfirmDialog
          title={`Sign out ${device}?`}
          confirmLabel="Sign out"
          mutation={end}
          onClose={() => setAsking(false)}
        >
          Whoever uses it must sign in again.
        </ConfirmDialog>
      )}
    </li>
  );
}
