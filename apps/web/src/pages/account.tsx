import { KeyRound, MonitorSmartphone, ShieldHalf, Trash2, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import { NavLink, Outlet } from "react-router";

export function AccountPage() {
  return (
    <div className="mx-auto grid max-w-4xl gap-x-12 gap-y-8 md:grid-cols-[12rem_1fr]">
      <nav aria-label="Account" className="flex max-md:-mx-2 max-md:flex-wrap md:flex-col md:gap-1">
        <Section to="/account" icon={<UserRound aria-hidden />}>
          Profile
        </Section>
        <Section to="/account/privacy" icon={<ShieldHalf aria-hidden />}>
          Privacy
        </Section>
        <Section to="/account/password" icon={<KeyRound aria-hidden />}>
          Password
        </Section>
        <Section to="/account/sessions" icon={<MonitorSmartphone aria-hidden />}>
          Sessions
        </Section>
        <Section to="/account/delete" icon={<Trash2 aria-hidden />}>
          Delete
        </Section>
      </nav>
      <div className="min-w-0 max-w-xl">
        <Outlet />
      </div>
    </div>
  );
}

function Section({ to, icon, children }: { to: string; icon: ReactNode; children: string }) {
  return (
    <NavLink
      to={to}
      end
      className="flex min-h-11 shrink-0 items-center gap-2.5 rounded-md px-3 text-sm font-semibold text-soft hover:bg-sunken max-md:px-2 hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:text-accent-deep [&_svg]:size-4.5 max-md:[&_svg]:hidden"
    >
      {icon}
      {children}
    </NavLink>
  );
}
