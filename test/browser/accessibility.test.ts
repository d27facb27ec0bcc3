import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { before, describe, it } from "node:test";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { type Member, signInDemo } from "../base/accounts.ts";
import { buy, productFor } from "../base/shop-fixtures.ts";
import { settled, shows, skip, suiteBrowser } from "./browser-suite.ts";
import { gardenClub } from "./chat-page.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = [390, 820, 1440];

type View = {
  name: string;
  path: string;
  as?: "nonadmin3" | "nonadmin4" | "admin1";
  /** Text that is there once the page is. */
  sign: string;
  act?: (page: Page) => Promise<void>;
};

const views: View[] = [
  { name: "home, to a visitor", path: "/", sign: "min" },
  { name: "home, to a member", path: "/", as: "nonadmin3", sign: "Posts" },
  { name: "a search without a result", path: "/?q=xylophones", sign: "No post has these words" },
  { name: "sign in", path: "/sign-in", sign: "New here?" },
  { name: "sign up, refused", path: "/sign-up", sign: "Already a member?", act: submitNothing },
  { name: "a post", path: "/posts/{post}", as: "admin1", sign: "min read", act: unfoldAuthor },
  { name: "a dialog", path: "/posts/{post}", as: "admin1", sign: "min read", act: askToDelete },
  { name: "the editor", path: "/posts/{post}/edit", as: "admin1", sign: "Markdown:" },
  { name: "a member", path: "/members/{author}", sign: "Joined" },
  { name: "members", path: "/members?q=a", as: "nonadmin3", sign: "ada" },
  { name: "profile", path: "/account", as: "nonadmin3", sign: "What others see" },
  { name: "privacy", path: "/account/privacy", as: "nonadmin3", sign: "Who sees your phone" },
  { name: "password", path: "/account/password", as: "nonadmin3", sign: "New password" },
  { name: "sessions", path: "/account/sessions", as: "nonadmin3", sign: "This device" },
  { name: "delete account", path: "/account/delete", as: "nonadmin3", sign: "for good" },
  { name: "friends", path: "/friends", as: "admin1", sign: "clara" },
  { name: "requests", path: "/friends?show=incoming", as: "admin1", sign: "Confirm" },
  { name: "people found", path: "/friends?q=d", as: "admin1", sign: "dmitri" },
  { name: "blocking", path: "/friends", as: "admin1", sign: "clara", act: askToBlock },
  { name: "chats", path: "/chats", as: "admin1", sign: "Whom would you like to talk to?" },
  {
    name: "a conversation",
    path: "/chats/{chat}",
    as: "admin1",
    sign: "carrots",
    act: unfoldMessage,
  },
  { name: "an answer", path: "/chats/{chat}", as: "admin1", sign: "carrots", act: answer },
  { name: "a group", path: "/chats/{chat}/group", as: "admin1", sign: "Leave the group" },
  { name: "messages found", path: "/chats?q=carrots", as: "admin1", sign: "clara:" },
  { name: "a new chat", path: "/chats/new", as: "admin1", sign: "With whom?", act: chooseTwo },
  {
    name: "a chat that is not there",
    path: "/chats/nowhere",
    as: "admin1",
    sign: "Nothing on this",
  },
  { name: "users", path: "/admin/users", as: "admin1", sign: "nonadmin3@email.com" },
  { name: "the shop", path: "/shop", sign: "Crate of apples" },
  { name: "a product", path: "/shop/{product}", as: "admin1", sign: "In stock", act: addToCart },
  { name: "a product's prices", path: "/shop/{product}", sign: "In stock", act: unfoldPrices },
  { name: "the cart", path: "/cart", as: "admin1", sign: "altogether", act: takeOut },
  { name: "a cart with troubles", path: "/cart", as: "nonadmin3", sign: "marked products" },
  { name: "an empty cart", path: "/cart", sign: "Your cart is empty" },
  { name: "check-out", path: "/checkout", as: "admin1", sign: "Order for", act: orderNowhere },
  { name: "my orders", path: "/orders", as: "nonadmin4", sign: "To be paid" },
  { name: "an order", path: "/orders/{order}", as: "nonadmin4", sign: "What has happened" },
  {
    name: "an order's step",
    path: "/orders/{order}",
    as: "admin1",
    sign: "Buyer",
    act: askToRefund,
  },
  { name: "products to manage", path: "/admin/products", as: "admin1", sign: "Baker's apron" },
  { name: "a new product", path: "/admin/products/new", as: "admin1", sign: "Put on sale" },
  { name: "a product's editor", path: "/admin/products/{product}", as: "admin1", sign: "On sale" },
  { name: "the board of orders", path: "/admin/orders", as: "admin1", sign: "Confirm payment" },
  { name: "a member's cart", path: "/admin/carts/{author}", as: "admin1", sign: "Cart of" },
  { name: "the menu", path: "/", as: "admin1", sign: "Posts", act: unfoldMenu },
  { name: "a page that is not there", path: "/nowhere", sign: "Back to the posts" },
];

describe("every page", { skip }, () => {
  const site = suiteBrowser();
  let ids: Record<string, string> = {};

  before(async () => {
    const admin = await signInDemo(site.url, "admin1");
    const { posts } = (await admin.ask("GET /v1/posts?pageSize=1")).json() as Posts;
    const product = await productFor(admin, { name: "A bench", pictureUrls: ["/demo/mug.svg"] });
    const order = await deliver(admin, await signInDemo(site.url, "nonadmin4"), product);
    await troubleCart(admin, await signInDemo(site.url, "nonadmin3"));
    const chat = await gardenClub(site.url);
    ids = { post: posts[0]?.id ?? "", author: posts[0]?.authorId ?? "", product, order, chat };
  });

  for (const view of views) {
    it(`fits its window and pleases axe by day and night: ${view.name}`, async () => {
      const page = await open(view);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(axe);
        assert.deepEqual(await findings(page), [], colorScheme);
      }
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.equal(over, 0, `scrolls sideways at ${width} px`);
      }
    });
  }

  async function open({ path, as, sign, act }: View): Promise<Page> {
    const there = path.replace(/{(\w+)}/, (_, name: string) => ids[name] ?? "");
    const page = as ? await site.openAs(as, there) : await site.open(there);
    await shows(page, sign);
    await settled(page);
    await act?.(page);
    return page;
  }
});

type Posts = { posts: { id: string; authorId: string }[] };
type Carts = { items: { productId: string; quantity: number }[] };

/** An order of the member's that has been delivered, after one that is to be paid. */
async function deliver(admin: Member, member: Member, productId: string): Promise<string> {
  await buy(member, productId);
  const id = await buy(member, productId);
  for (const step of ["confirmPayment", "ship", "deliver"]) {
    await admin.ask(`POST /v1/orders/${id}:${step}`, { note: "Number 4711" });
  }
  return id;
}

/** Lets every product of the member's cart have become something else meanwhile. */
async function troubleCart({ ask }: Member, member: Member): Promise<void> {
  const { items } = (await member.ask("GET /v1/carts/me")).json() as Carts;
  const [retired, dearer, scarce] = items.map(({ productId }) => `/v1/products/${productId}`);
  await ask(`DELETE ${retired}`);
  await ask(`PATCH ${dearer}`, { priceMinor: "5000" });
  const { stock } = (await ask(`GET ${scarce}`)).json() as { stock: number };
  await ask(`POST ${scarce}:restock`, { quantity: 1 - stock });
}

async function findings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() => {
    const { axe } = window as unknown as { axe: { run(): Promise<AxeResults> } };
    return axe.run();
  });
  return violations.map(({ impact, id, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
}

async function askToBlock(page: Page): Promise<void> {
  await page.getByRole("button", { name: "More about clara" }).click();
  await page.getByRole("button", { name: "Block" }).click();
  await page.getByRole("dialog").waitFor();
}

async function unfoldMessage(page: Page): Promise<void> {
  const row = page.getByRole("log").getByRole("listitem").filter({ hasText: "Not me" });
  await row.hover();
  await row.getByRole("button", { name: "React or more" }).click();
  await page.getByText("Copy text").waitFor();
}

async function answer(page: Page): Promise<void> {
  await unfoldMessage(page);
  await page.getByRole("button", { name: "Reply" }).click();
  await page.getByText("Answering").waitFor();
}

async function chooseTwo(page: Page): Promise<void> {
  for (const name of ["bruno", "clara"]) await page.getByRole("checkbox", { name }).check();
  await page.getByLabel("Name of the group").waitFor();
}

async function submitNothing(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Create account" }).click();
  await shows(page, "Give a complete e-mail address");
}

async function unfoldAuthor(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Details" }).click();
  await shows(page, "Joined");
}

async function askToDelete(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").waitFor();
}

async function unfoldMenu(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Menu of/ }).click();
  await page.getByText("Sign out").waitFor();
}

async function addToCart(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByRole("button", { name: "See cart" }).waitFor();
}

async function unfoldPrices(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Price history" }).click();
  await shows(page, "since");
}

async function takeOut(page: Page): Promise<void> {
  await page
    .getByRole("button", { name: /^Remove/ })
    .last()
    .click();
  await page.getByRole("button", { name: "Undo" }).waitFor();
}

async function orderNowhere(page: Page): Promise<void> {
  await page.getByText("Send it to me").click();
  await page.getByLabel("Address").fill("");
  await page.getByRole("button", { name: /^Order for/ }).click();
  await shows(page, "Say where it is to go");
}

async function askToRefund(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Refund/ }).click();
  await page.getByRole("dialog").waitFor();
}
