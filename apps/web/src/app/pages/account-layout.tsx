import { KeyRound, MonitorSmartphone, ShieldHalf, Trash2, UserRound } from "lucide-react";
import { Outlet } from "react-router";
import { t } from "../../lib/messages.ts";
import { SectionLink } from "../../ui/section-link.tsx";

export function AccountLayout() {
  return (
    <div className="mx-auto grid max-w-4xl gap-x-12 gap-y-8 md:grid-cols-[12rem_1fr]">
      <nav
        aria-label={t("app.account.label")}
        className="flex max-md:-mx-2 max-md:flex-wrap md:flex-col md:gap-1"
      >
        <SectionLink end to="/account" icon={<UserRound aria-hidden />}>
          {t("app.account.profile")}
        </SectionLink>
        <SectionLink end to="/account/privacy" icon={<ShieldHalf aria-hidden />}>
          {t("app.account.privacy")}
        </SectionLink>
        <SectionLink end to="/account/password" icon={<KeyRound aria-hidden />}>
          {t("app.account.password")}
        </SectionLink>
        <SectionLink end to="/account/sessions" icon={<MonitorSmartphone aria-hidden />}>
          {t("app.account.sessions")}
        </SectionLink>
        <SectionLink end to="/account/delete" icon={<Trash2 aria-hidden />}>
          {t("app.account.delete")}
        </SectionLink>
      </nav>
      <div className="min-w-0 max-w-xl">
        <Outlet />
      </div>
    </div>
  );
}
