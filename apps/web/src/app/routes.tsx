import { Navigate, Outlet, type RouteObject, useRoutes } from "react-router";
import { usePageStatus } from "../lib/routing/router-contexts.ts";
import { HomePage } from "../posts/pages/home-page.tsx";
import { NotFoundPage } from "../ui/not-found-page.tsx";
import { CrashBoundary } from "./crash-boundary.tsx";
import { Layout } from "./frame/layout.tsx";
import { CrashPage } from "./pages/crash-page.tsx";
import { AdminsOnly, MembersOnly } from "./route-guards.tsx";

const accountRoutes: RouteObject[] = [
  {
    index: true,
    lazy: async () => ({
      Component: (await import("../people/pages/edit-profile-page.tsx")).EditProfilePage,
    }),
  },
  {
    path: "privacy",
    lazy: async () => ({
      Component: (await import("../people/pages/privacy-page.tsx")).PrivacyPage,
    }),
  },
  {
    path: "password",
    lazy: async () => ({
      Component: (await import("../session/pages/password-page.tsx")).PasswordPage,
    }),
  },
  {
    path: "sessions",
    lazy: async () => ({
      Component: (await import("../session/pages/sessions-page.tsx")).SessionsPage,
    }),
  },
  {
    path: "delete",
    lazy: async () => ({
      Component: (await import("../session/pages/delete-account-page.tsx")).DeleteAccountPage,
    }),
  },
];

const adminRoutes: RouteObject[] = [
  { index: true, element: <Navigate to="users" replace /> },
  {
    path: "users",
    lazy: async () => ({
      Component: (await import("../admin/pages/admin-users-page.tsx")).AdminUsersPage,
    }),
  },
  {
    path: "carts/:userId",
    lazy: async () => ({
      Component: (await import("../admin/pages/member-cart-page.tsx")).MemberCartPage,
    }),
  },
  {
    path: "products",
    lazy: async () => ({
      Component: (await import("../admin/pages/admin-products-page.tsx")).AdminProductsPage,
    }),
  },
  {
    path: "products/new",
    lazy: async () => ({
      Component: (await import("../admin/pages/new-product-page.tsx")).NewProductPage,
    }),
  },
  {
    path: "products/:id",
    lazy: async () => ({
      Component: (await import("../admin/pages/edit-product-page.tsx")).EditProductPage,
    }),
  },
  {
    path: "orders",
    lazy: async () => ({
      Component: (await import("../admin/pages/admin-orders-page.tsx")).AdminOrdersPage,
    }),
  },
];

const chatRoutes: RouteObject[] = [
  {
    index: true,
    lazy: async () => ({
      Component: (await import("../chat/pages/chats-welcome-page.tsx")).ChatsWelcomePage,
    }),
  },
  {
    path: "new",
    lazy: async () => ({
      Component: (await import("../chat/pages/new-chat-page.tsx")).NewChatPage,
    }),
  },
  {
    path: ":id",
    lazy: async () => ({ Component: (await import("../chat/pages/chat-page.tsx")).ChatPage }),
  },
  {
    path: ":id/group",
    lazy: async () => ({ Component: (await import("../chat/pages/group-page.tsx")).GroupPage }),
  },
];

const pageRoutes: RouteObject[] = [
  { index: true, Component: HomePage },
  {
    path: "posts/:id",
    lazy: async () => ({ Component: (await import("../posts/pages/post-page.tsx")).PostPage }),
  },
  {
    path: "posts/:id/edit",
    lazy: async () => membersOnly((await import("../posts/pages/edit-post-page.tsx")).EditPostPage),
  },
  {
    path: "shop",
    lazy: async () => ({ Component: (await import("../shop/pages/shop-page.tsx")).ShopPage }),
  },
  {
    path: "shop/:id",
    lazy: async () => ({ Component: (await import("../shop/pages/product-page.tsx")).ProductPage }),
  },
  {
    path: "cart",
    lazy: async () => ({ Component: (await import("../shop/pages/cart-page.tsx")).CartPage }),
  },
  {
    path: "checkout",
    lazy: async () => membersOnly((await import("../shop/pages/check-out-page.tsx")).CheckOutPage),
  },
  {
    path: "orders",
    lazy: async () => membersOnly((await import("../shop/pages/orders-page.tsx")).OrdersPage),
  },
  {
    path: "orders/:id",
    lazy: async () => membersOnly((await import("../shop/pages/order-page.tsx")).OrderPage),
  },
  {
    path: "write",
    lazy: async () => membersOnly((await import("../posts/pages/new-post-page.tsx")).NewPostPage),
  },
  {
    path: "members",
    lazy: async () => membersOnly((await import("../people/pages/members-page.tsx")).MembersPage),
  },
  {
    path: "members/:id",
    lazy: async () => ({ Component: (await import("./pages/member-page.tsx")).MemberPage }),
  },
  {
    path: "friends",
    lazy: async () => membersOnly((await import("../people/pages/friends-page.tsx")).FriendsPage),
  },
  {
    path: "chats",
    lazy: async () => membersOnly((await import("../chat/pages/chats-layout.tsx")).ChatsLayout),
    children: chatRoutes,
  },
  {
    path: "sign-in",
    lazy: async () => ({
      Component: (await import("../session/pages/sign-in-page.tsx")).SignInPage,
    }),
  },
  {
    path: "sign-up",
    lazy: async () => ({
      Component: (await import("../session/pages/sign-up-page.tsx")).SignUpPage,
    }),
  },
  {
    path: "account",
    lazy: async () => membersOnly((await import("./pages/account-layout.tsx")).AccountLayout),
    children: accountRoutes,
  },
  {
    path: "admin",
    lazy: async () => adminsOnly((await import("../admin/pages/admin-layout.tsx")).AdminLayout),
    children: adminRoutes,
  },
  { path: "*", Component: NotFoundPage },
];

/** All pages, each in the common frame. */
export const routes: RouteObject[] = [
  {
    element: (
      <CrashBoundary>
        <Layout />
      </CrashBoundary>
    ),
    children: [
      {
        element: (
          <CrashBoundary>
            <PageOutlet />
          </CrashBoundary>
        ),
        children: pageRoutes,
      },
    ],
  },
];

/** The page at the router's location. */
export function Pages() {
  return useRoutes(routes);
}

function PageOutlet() {
  const { loadError } = usePageStatus();
  return loadError === undefined ? <Outlet /> : <CrashPage error={loadError} />;
}

function membersOnly(Page: () => React.ReactNode) {
  return {
    Component: () => (
      <MembersOnly>
        <Page />
      </MembersOnly>
    ),
  };
}

function adminsOnly(Page: () => React.ReactNode) {
  return {
    Component: () => (
      <AdminsOnly>
        <Page />
      </AdminsOnly>
    ),
  };
}
