import type { User } from "@plaza/contract/users/v1/users";
import { CalendarDays, Mail, MapPin, Phone } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../../lib/messages.ts";
import { Month } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";

/** The details of a profile. The server leaves fields empty that the reader may not see. */
export function ProfileFacts({ user }: { user: User }) {
  return (
    <>
      {user.about && (
        <p dir="auto" className="mb-3 whitespace-pre-wrap text-soft">
          {user.about}
        </p>
      )}
      <dl className="space-y-1.5 text-sm">
        {user.phone && (
          <Fact name={t("people.profileFacts.phone")} icon={<Phone aria-hidden />}>
            <a
              dir="ltr"
              className="touch-target"
              href={`tel:${user.phone.replaceAll(/[^+0-9]/g, "")}`}
            >
              {user.phone}
            </a>
          </Fact>
        )}
        {user.email && (
          <Fact name={t("people.profileFacts.email")} icon={<Mail aria-hidden />}>
            <a dir="ltr" className="touch-target" href={`mailto:${user.email}`}>
              {user.email}
            </a>
          </Fact>
        )}
        {user.address && (
          <Fact name={t("people.profileFacts.address")} icon={<MapPin aria-hidden />}>
            <span dir="auto" className="block whitespace-pre-wrap">
              {user.address}
            </span>
          </Fact>
        )}
        {user.createTime && (
          <Fact name={t("people.profileFacts.joined")} icon={<CalendarDays aria-hidden />}>
            <Trans
              id="people.profileFacts.joinedIn"
              values={{ month: <Month at={user.createTime} /> }}
            />
          </Fact>
        )}
      </dl>
    </>
  );
}

function Fact({ name, icon, children }: { name: string; icon: ReactNode; children: ReactNode }) {
  return (
    <div className="flex gap-2.5 text-soft [&_a:hover]:underline [&_svg]:mt-0.5 [&_svg]:size-4.5 [&_svg]:shrink-0 [&_svg]:text-faint">
      <dt>
        {icon}
        <span className="sr-only">{name}</span>
      </dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}
