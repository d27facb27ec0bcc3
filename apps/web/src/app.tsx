import { createBrowserRouter, Navigate, type RouteObject } from "react-router";
import { CrashPage } from "./pages/crash.tsx";
import { AdminsOnly, MembersOnly } from "./pages/gates.tsx";
import { HomePage } from "./pages/home.tsx";
import { Layout } from "./parts/frame/layout.tsx";
import { NotFoundPage } from "./parts/not-found.tsx";
import { PageSkeleton } from "./parts/skeleton.tsx";

const account: RouteObject[] = [
  {
    index: true,
    lazy: async () => ({ Component: (await import("./pages/account-profile.tsx")).ProfilePage }),
  },
  {
    path: "privacy",
    lazy: async () => ({ Component: (await import("./pages/account-privacy.tsx")).PrivacyPage }),
  },
  {
    path: "password",
    lazy: async () => ({ Component: (await import("./pages/account-password.tsx")).PasswordPage }),
  },
  {
    path: "sessions",
    lazy: async () => ({ Component: (await import("./pages/account-sessions.tsx")).SessionsPage }),
  },
  {
    path: "delete",
    lazy: async () => ({ Component: (await import("./pages/account-delete.tsx")).DeletePage }),
  },
];

const admin: RouteObject[] = [
  { index: true, element: <Navigate to="users" replace /> },
  {
    path: "users",
    lazy: async () => ({ Component: (await import("./pages/admin-users.tsx")).AdminUsersPage }),
  },
  {
    path: "carts/:userId",
    lazy: async () => ({ Component: (await import("./pages/admin-cart.tsx")).MemberCartPage }),
  },
  {
    path: "products",
    lazy: async () => ({
      Component: (await import("./pages/admin-products.tsx")).AdminProductsPage,
    }),
  },
  {
    path: "products/new",
    lazy: async () => ({
      Component: (await import("./pages/admin-product-new.tsx")).NewProductPage,
    }),
  },
  {
    path: "products/:id",
    lazy: async () => ({ Component: (await import("./pages/admin-product.tsx")).EditProductPage }),
  },
  {
    path: "orders",
    lazy: async () => ({ Component: (await import("./pages/admin-orders.tsx")).AdminOrdersPage }),
  },
];

const chats: RouteObject[] = [
  {
    index: true,
    lazy: async () => ({ Component: (await import("./pages/chats-welcome.tsx")).ChatsWelcomePage }),
  },
  {
    path: "new",
    lazy: async () => ({ Component: (await import("./pages/chat-new.tsx")).NewChatPage }),
  },
  { path: ":id", lazy: async () => ({ Component: (await import("./pages/chat.tsx")).ChatPage }) },
  {
    path: ":id/group",
    lazy: async () => ({ Component: (await import("./pages/chat-group.tsx")).GroupPage }),
  },
];

const pages: RouteObject[] = [
  { index: true, Component: HomePage },
  {
    path: "posts/:id",
    lazy: async () => ({ Component: (await import("./pages/post.tsx")).PostPage }),
  },
  {
    path: "posts/:id/edit",
    lazy: async () => members((await import("./pages/edit.tsx")).EditPage),
  },
  { path: "shop", lazy: async () => ({ Component: (await import("./pages/shop.tsx")).ShopPage }) },
  {
    path: "shop/:id",
    lazy: async () => ({ Component: (await import("./pages/product.tsx")).ProductPage }),
  },
  { path: "cart", lazy: async () => ({ Component: (await import("./pages/cart.tsx")).CartPage }) },
  {
    path: "checkout",
    lazy: async () => members((await import("./pages/check-out.tsx")).CheckOutPage),
  },
  { path: "orders", lazy: async () => members((await import("./pages/orders.tsx")).OrdersPage) },
  { path: "orders/:id", lazy: async () => members((await import("./pages/order.tsx")).OrderPage) },
  { path: "write", lazy: async () => members((await import("./pages/write.tsx")).WritePage) },
  {
    path: "members",
    lazy: async () => members((await import("./pages/people.tsx")).PeoplePage),
  },
  {
    path: "members/:id",
    lazy: async () => ({ Component: (await import("./pages/member.tsx")).MemberPage }),
  },
  {
    path: "friends",
    lazy: async () => members((await import("./pages/friends.tsx")).FriendsPage),
  },
  {
    path: "chats",
    lazy: async () => members((await import("./pages/chats.tsx")).ChatsPage),
    children: chats,
  },
  {
    path: "sign-in",
    lazy: async () => ({ Component: (await import("./pages/sign-in.tsx")).SignInPage }),
  },
  {
    path: "sign-up",
    lazy: async () => ({ Component: (await import("./pages/sign-up.tsx")).SignUpPage }),
  },
  {
    path: "account",
    lazy: async () => members((await import("./pages/account.tsx")).AccountPage),
    children: account,
  },
  {
    path: "admin",
    lazy: async () => admins((await import("./pages/admin.tsx")).AdminPage),
    children: admin,
  },
  { path: "*", Component: NotFoundPage },
];

export const router = createBrowserRouter([
  {
    Component: Layout,
    ErrorBoundary: CrashPage,
    HydrateFallback: PageSkeleton,
    children: [{ ErrorBoundary: CrashPage, children: pages }],
  },
]);

function members(Page: () => React.ReactNode) {
  return {
    Component: () => (
      <MembersOnly>
        <Page />
      </MembersOnly>
    ),
  };
}

function admins(Page: () => React.ReactNode) {
  return {
    Component: () => (
      <AdminsOnly>
        <Page />
      </AdminsOnly>
    ),
  };
}
