import { type Session, SessionKind } from "@plaza/contract/auth/v1/auth";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Monitor, Terminal } from "lucide-react";
import { useState } from "react";
import { auth } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Dot } from "../../ui/dot.tsx";
import { Failure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { AvatarRowsSkeleton } from "../../ui/skeletons.tsx";
import { RelativeTime } from "../../ui/times.tsx";
import { toast } from "../../ui/toasts.ts";
import { Trans } from "../../ui/trans.tsx";
import { deviceName } from "../device-name.ts";

export function SessionsPage() {
  return (
    <>
      <Heading title={t("session.sessions.title")} className="mb-1 text-2xl font-bold" />
      <p className="mb-4 text-soft">{t("session.sessions.hint")}</p>
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
    <ul aria-label={t("session.sessions.title")}>
      {data.sessions.map((session) => (
        <SessionRow key={session.id} session={session} />
      ))}
    </ul>
  );
}

function SessionRow({ session }: { session: Session }) {
  const client = useQueryClient();
  const device = deviceName(session.userAgent);
  const [isAsking, setAsking] = useState(false);
  const end = useMutation({
    mutationFn: () => auth.deleteSession({ id: session.id }),
    onSuccess: async () => {
      setAsking(false);
      await client.invalidateQueries({ queryKey: ["sessions"] });
      toast(t("session.sessions.ended", { device }));
    },
  });
  const Icon = session.kind === SessionKind.TOKENS ? Terminal : Monitor;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line py-4 last:border-0">
      <Icon className="size-6 shrink-0 text-faint" aria-hidden />
      <div className="min-w-0 flex-1 basis-40">
        <p className="font-semibold" title={session.userAgent}>
          {device}
        </p>
        <p className="flex flex-wrap gap-x-2 text-sm text-faint">
          <span>{session.address || t("session.sessions.unknownAddress")}</span>
          <Dot />
          <span>
            <Trans
              id="session.sessions.lastUsed"
              values={{ time: <RelativeTime at={session.lastUseTime} /> }}
            />
          </span>
        </p>
      </div>
      {session.current ? (
        <span className="rounded-sm bg-accent-wash px-2.5 py-1 text-xs font-semibold text-accent-deep">
          {t("session.sessions.current")}
        </span>
      ) : (
        <Button aria-label={t("session.sessions.end", { device })} onClick={() => setAsking(true)}>
          {t("ui.common.signOut")}
        </Button>
      )}
      {isAsking && (
        <ConfirmDialog
          title={t("session.sessions.confirm", { device })}
          confirmLabel={t("ui.common.signOut")}
          mutation={end}
          onClose={() => setAsking(false)}
        >
          {t("session.sessions.warning")}
        </ConfirmDialog>
      )}
    </li>
  );
}
