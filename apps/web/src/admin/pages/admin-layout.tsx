import { Package, Store, Users } from "lucide-react";
import { Outlet } from "react-router";
import { t } from "../../lib/messages.ts";
import { SectionLink } from "../../ui/section-link.tsx";

export function AdminLayout() {
  return (
    <>
      <nav
        aria-label={t("admin.layout.label")}
        className="-mx-2 -mt-3 mb-7 flex flex-wrap md:gap-1"
      >
        <SectionLink to="/admin/users" icon={<Users aria-hidden />}>
          {t("admin.layout.users")}
        </SectionLink>
        <SectionLink to="/admin/products" icon={<Store aria-hidden />}>
          {t("admin.layout.products")}
        </SectionLink>
        <SectionLink to="/admin/orders" icon={<Package aria-hidden />}>
          {t("admin.layout.orders")}
        </SectionLink>
      </nav>
      <Outlet />
    </>
  );
}
