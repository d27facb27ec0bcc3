import { KeyRound, MonitorSmartphone, ShieldHalf, Trash2, UserRound } from "lucide-react";
import { Outlet } from "react-router";
import { SectionLink } from "../../ui/section-link.tsx";

export function AccountLayout() {
  return (
    <div className="mx-auto grid max-w-4xl gap-x-12 gap-y-8 md:grid-cols-[12rem_1fr]">
      <nav aria-label="Account" className="flex max-md:-mx-2 max-md:flex-wrap md:flex-col md:gap-1">
        <SectionLink end to="/account" icon={<UserRound aria-hidden />}>
          Profile
        </SectionLink>
        <SectionLink end to="/account/privacy" icon={<ShieldHalf aria-hidden />}>
          Privacy
        </SectionLink>
        <SectionLink end to="/account/password" icon={<KeyRound aria-hidden />}>
          Password
        </SectionLink>
        <SectionLink end to="/account/sessions" icon={<MonitorSmartphone aria-hidden />}>
          Sessions
        </SectionLink>
        <SectionLink end to="/account/delete" icon={<Trash2 aria-hidden />}>
          Delete
        </SectionLink>
      </nav>
      <div className="min-w-0 max-w-xl">
        <Outlet />
      </div>
    </div>
  );
}
