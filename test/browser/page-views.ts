import type { Page } from "playwright-core";
import { waitForText } from "./browser-suite.ts";

/** A page of the site, in a state that is reached by interaction. */
export type PageView = {
  readonly name: string;
  readonly path: string;
  readonly signedInAs?: "nonadmin3" | "nonadmin4" | "admin1";
  /** Text that the page shows when it is ready. */
  readonly readyText: string;
  readonly interact?: (page: Page) => Promise<void>;
};

export const pageViews: readonly PageView[] = [
  { name: "home, to a visitor", path: "/", readyText: "min" },
  { name: "home, to a member", path: "/", signedInAs: "nonadmin3", readyText: "Posts" },
  {
    name: "a search without a result",
    path: "/?q=xylophones",
    readyText: "No posts found",
  },
  { name: "sign in", path: "/sign-in", readyText: "New to Plaza?" },
  {
    name: "sign up, refused",
    path: "/sign-up",
    readyText: "Already have an account?",
    interact: submitNothing,
  },
  {
    name: "a post",
    path: "/posts/{post}",
    signedInAs: "admin1",
    readyText: "min read",
    interact: unfoldAuthor,
  },
  {
    name: "a dialog",
    path: "/posts/{post}",
    signedInAs: "admin1",
    readyText: "min read",
    interact: askToDelete,
  },
  { name: "the editor", path: "/posts/{post}/edit", signedInAs: "admin1", readyText: "Markdown:" },
  { name: "a member", path: "/members/{author}", readyText: "Joined" },
  { name: "members", path: "/members?q=a", signedInAs: "nonadmin3", readyText: "ada" },
  { name: "profile", path: "/account", signedInAs: "nonadmin3", readyText: "Visible to others" },
  {
    name: "privacy",
    path: "/account/privacy",
    signedInAs: "nonadmin3",
    readyText: "Who can see your phone",
  },
  {
    name: "password",
    path: "/account/password",
    signedInAs: "nonadmin3",
    readyText: "New password",
  },
  {
    name: "sessions",
    path: "/account/sessions",
    signedInAs: "nonadmin3",
    readyText: "This device",
  },
  {
    name: "delete account",
    path: "/account/delete",
    signedInAs: "nonadmin3",
    readyText: "permanently deleted",
  },
  { name: "friends", path: "/friends", signedInAs: "admin1", readyText: "clara" },
  { name: "requests", path: "/friends?show=incoming", signedInAs: "admin1", readyText: "Confirm" },
  { name: "people found", path: "/friends?q=d", signedInAs: "admin1", readyText: "dmitri" },
  {
    name: "blocking",
    path: "/friends",
    signedInAs: "admin1",
    readyText: "clara",
    interact: askToBlock,
  },
  {
    name: "chats",
    path: "/chats",
    signedInAs: "admin1",
    readyText: "No chat selected",
  },
  {
    name: "a conversation",
    path: "/chats/{chat}",
    signedInAs: "admin1",
    readyText: "carrots",
    interact: unfoldMessage,
  },
  {
    name: "an answer",
    path: "/chats/{chat}",
    signedInAs: "admin1",
    readyText: "carrots",
    interact: startReply,
  },
  {
    name: "a group",
    path: "/chats/{chat}/group",
    signedInAs: "admin1",
    readyText: "Leave group",
  },
  { name: "messages found", path: "/chats?q=carrots", signedInAs: "admin1", readyText: "clara:" },
  {
    name: "a new chat",
    path: "/chats/new",
    signedInAs: "admin1",
    readyText: "Choose friends",
    interact: chooseTwo,
  },
  {
    name: "a chat that is not there",
    path: "/chats/nowhere",
    signedInAs: "admin1",
    readyText: "Page not found",
  },
  { name: "users", path: "/admin/users", signedInAs: "admin1", readyText: "nonadmin3@email.com" },
  { name: "the shop", path: "/shop", readyText: "Crate of apples" },
  {
    name: "a product",
    path: "/shop/{product}",
    signedInAs: "admin1",
    readyText: "In stock",
    interact: addToCart,
  },
  {
    name: "a product's prices",
    path: "/shop/{product}",
    readyText: "In stock",
    interact: unfoldPrices,
  },
  {
    name: "the cart",
    path: "/cart",
    signedInAs: "admin1",
    readyText: "Total",
    interact: removeLastItem,
  },
  {
    name: "a cart with troubles",
    path: "/cart",
    signedInAs: "nonadmin3",
    readyText: "marked items",
  },
  { name: "an empty cart", path: "/cart", readyText: "Your cart is empty" },
  {
    name: "check-out",
    path: "/checkout",
    signedInAs: "admin1",
    readyText: "Place order",
    interact: orderWithoutAddress,
  },
  { name: "my orders", path: "/orders", signedInAs: "nonadmin4", readyText: "Awaiting payment" },
  {
    name: "an order",
    path: "/orders/{order}",
    signedInAs: "nonadmin4",
    readyText: "Order history",
  },
  {
    name: "an order's step",
    path: "/orders/{order}",
    signedInAs: "admin1",
    readyText: "Buyer",
    interact: askToRefund,
  },
  {
    name: "products to manage",
    path: "/admin/products",
    signedInAs: "admin1",
    readyText: "Baker's apron",
  },
  {
    name: "a new product",
    path: "/admin/products/new",
    signedInAs: "admin1",
    readyText: "Add product",
  },
  {
    name: "a product's editor",
    path: "/admin/products/{product}",
    signedInAs: "admin1",
    readyText: "For sale",
  },
  {
    name: "the board of orders",
    path: "/admin/orders",
    signedInAs: "admin1",
    readyText: "Mark as paid",
  },
  {
    name: "a member's cart",
    path: "/admin/carts/{author}",
    signedInAs: "admin1",
    readyText: "Cart of",
  },
  { name: "the menu", path: "/", signedInAs: "admin1", readyText: "Posts", interact: unfoldMenu },
  { name: "a page that is not there", path: "/nowhere", readyText: "Back to posts" },
];

async function askToBlock(page: Page): Promise<void> {
  await page.getByRole("button", { name: "More actions for clara" }).click();
  await page.getByRole("button", { name: "Block" }).click();
  await page.getByRole("dialog").waitFor();
}

async function unfoldMessage(page: Page): Promise<void> {
  const row = page.getByRole("log").getByRole("listitem").filter({ hasText: "Not me" });
  await row.hover();
  await row.getByRole("button", { name: "Message actions" }).click();
  await page.getByText("Copy text").waitFor();
}

async function startReply(page: Page): Promise<void> {
  await unfoldMessage(page);
  await page.getByRole("button", { name: "Reply", exact: true }).click();
  await page.getByText("Replying to").waitFor();
}

async function chooseTwo(page: Page): Promise<void> {
  for (const name of ["bruno", "clara"]) await page.getByRole("checkbox", { name }).check();
  await page.getByLabel("Group name").waitFor();
}

async function submitNothing(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Create account" }).click();
  await waitForText(page, "Enter an e-mail address");
}

async function unfoldAuthor(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Details" }).click();
  await waitForText(page, "Joined");
}

async function askToDelete(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").waitFor();
}

async function unfoldMenu(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Account menu:/ }).click();
  await page.getByText("Sign out").waitFor();
}

async function addToCart(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByRole("button", { name: "View cart" }).waitFor();
}

async function unfoldPrices(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Price history" }).click();
  await page.getByRole("definition").first().waitFor();
}

async function removeLastItem(page: Page): Promise<void> {
  await page
    .getByRole("button", { name: /^Remove/ })
    .last()
    .click();
  await page.getByRole("button", { name: "Undo" }).waitFor();
}

async function orderWithoutAddress(page: Page): Promise<void> {
  await page.getByText("Delivery", { exact: true }).click();
  await page.getByLabel("Address").fill("");
  await page.getByRole("button", { name: /^Place order/ }).click();
  await waitForText(page, "Enter an address, or choose pickup.");
}

async function askToRefund(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Refund/ }).click();
  await page.getByRole("dialog").waitFor();
}
