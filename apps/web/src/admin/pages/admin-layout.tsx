import { Package, Store, Users } from "lucide-react";
import { Outlet } from "react-router";
import { SectionLink } from "../../ui/section-link.tsx";

export function AdminLayout() {
  return (
    <>
      <nav aria-label="Admin" className="-mx-2 -mt-3 mb-7 flex flex-wrap md:gap-1">
        <SectionLink to="/admin/users" icon={<Users aria-hidden />}>
          Users
        </SectionLink>
        <SectionLink to="/admin/products" icon={<Store aria-hidden />}>
          Products
        </SectionLink>
        <SectionLink to="/admin/orders" icon={<Package aria-hidden />}>
          Orders
        </SectionLink>
      </nav>
      <Outlet />
    </>
  );
}
