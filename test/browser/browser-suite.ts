import { after, afterEach, before } from "node:test";
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Page,
  Request,
} from "playwright-core";
import { demoPassword, type Member } from "../base/accounts.ts";
import { suitePlaza } from "../base/running-plaza.ts";
import { launchChromium, missingBrowser } from "./chromium.ts";

/** The option `skip` of every suite here: false when there is a browser, else how to get one. */
export const skipWithoutBrowser = missingBrowser;

/** A Plaza and a browser for the suite that it is called in. */
export type BrowserSuite = {
  readonly url: string;
  /** Opens a page as a visitor with a fresh profile, or with the one given. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Opens a page with a fresh profile in which the member is signed in, without the page /sign-in. */
  openAsMember(member: Pick<Member, "email" | "password">, path: string): Promise<Page>;
  /** Opens a page as one of the demo accounts: admin1, admin2, nonadmin3 or nonadmin4. */
  openAs(name: string, path: string, options?: BrowserContextOptions): Promise<Page>;
};

type StorageState = NonNullable<Exclude<BrowserContextOptions["storageState"], string>>;

/** Starts a Plaza and a browser; pages close after each test, unless the suite keeps them to its end. */
export function browserSuite({
  keepsPages = false,
  env = {},
}: {
  readonly keepsPages?: boolean;
  readonly env?: Readonly<Record<string, string>>;
} = {}): BrowserSuite {
  const plaza = suitePlaza({ env });
  const states = new Map<string, StorageState>();
  let browser: Browser | undefined;
  before(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    if (keepsPages) return;
    await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
  });
  after(() => browser?.close());

  const newContext = (options: BrowserContextOptions = {}) => {
    if (!browser) throw new Error("The browser runs from the suite's before hooks on.");
    return browser.newContext({ reducedMotion: "reduce", ...options });
  };
  const openIn = async (context: BrowserContext, path: string) => {
    const page = await context.newPage();
    trackRequests(page);
    page.setDefaultTimeout(15_000);
    await page.goto(plaza().url + path);
    return page;
  };
  const signInContext = async (context: BrowserContext, login: string, password: string) => {
    const { url } = plaza();
    const data = { login, password, session: "SESSION_KIND_COOKIE" };
    const response = await context.request.post(`${url}/v1/auth:login`, {
      data,
      headers: { origin: url },
    });
    if (!response.ok()) throw new Error(`${login} cannot sign in: ${await response.text()}`);
  };
  const open = async (path: string, options: BrowserContextOptions = {}) =>
    openIn(await newContext(options), path);
  return {
    get url() {
      return plaza().url;
    },
    open,
    async openAsMember({ email, password }, path) {
      const context = await newContext();
      await signInContext(context, email, password);
      return openIn(context, path);
    },
    async openAs(name, path, options = {}) {
      let storageState = states.get(name);
      if (!storageState) {
        const context = await newContext();
        await signInContext(context, `${name}@email.com`, demoPassword);
        storageState = await context.storageState();
        await context.close();
        states.set(name, storageState);
      }
      return open(path, { storageState, ...options });
    },
  };
}

/** Fills in and sends the form of the page /sign-in, and waits for the member's menu. */
export async function signIn(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel("E-mail or nickname").fill(login);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: /^Account menu: / }).waitFor();
}

/** Waits until the page's heading is this text. */
export async function waitForHeading(page: Page, name: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
}

/** Waits until the page shows the text. */
export async function waitForText(page: Page, text: string): Promise<void> {
  await page.getByText(text).first().waitFor();
}

/** Waits until no request is pending for a quarter of a second, besides the stream, which has no end. */
export async function waitForNetworkIdle(page: Page): Promise<void> {
  const requests = pendingRequests.get(page);
  for (let quiet = 0; quiet < 5; quiet += 1) {
    await page.waitForTimeout(50);
    if (requests && requests.size > 0) quiet = 0;
  }
}

const pendingRequests = new WeakMap<Page, Set<Request>>();

function trackRequests(page: Page): void {
  const requests = new Set<Request>();
  pendingRequests.set(page, requests);
  page.on("request", (request) => {
    if (!request.url().endsWith("/Subscribe")) requests.add(request);
  });
  page.on("requestfinished", (request) => requests.delete(request));
  page.on("requestfailed", (request) => requests.delete(request));
}
