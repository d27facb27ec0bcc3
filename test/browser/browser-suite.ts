import { existsSync } from "node:fs";
import { after, afterEach, before } from "node:test";
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from "playwright-core";
import { demoPassword } from "../base/accounts.ts";
import { suitePlaza } from "../base/running-plaza.ts";

const executablePath = [
  process.env["PLAZA_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));

/** The option `skip` of every suite here: false when there is a browser, else how to get one. */
export const skipWithoutBrowser = executablePath
  ? false
  : "no browser: apt-get install chromium, or set PLAZA_CHROMIUM to the path of one";

/** A Plaza and a browser for the suite that it is called in. Pages close after each test. */
export type BrowserSuite = {
  readonly url: string;
  /** Opens a page as a visitor with a fresh profile, or with the one given. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Opens a page as one of the demo accounts: admin1, admin2, nonadmin3 or nonadmin4. */
  openAs(name: string, path: string, options?: BrowserContextOptions): Promise<Page>;
};

type StorageState = NonNullable<Exclude<BrowserContextOptions["storageState"], string>>;

export function browserSuite(): BrowserSuite {
  const plaza = suitePlaza();
  const states = new Map<string, StorageState>();
  let browser: Browser | undefined;
  before(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
  });
  after(() => browser?.close());

  const open = async (path: string, options: BrowserContextOptions = {}) => {
    if (!browser) throw new Error("The browser runs from the suite's before hooks on.");
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    trackRequests(page);
    page.setDefaultTimeout(15_000);
    await page.goto(plaza().url + path);
    return page;
  };
  return {
    get url() {
      return plaza().url;
    },
    open,
    async openAs(name, path, options = {}) {
      let storageState = states.get(name);
      if (!storageState) {
        const page = await open("/sign-in");
        await signIn(page, `${name}@email.com`, demoPassword);
        storageState = await page.context().storageState();
        await page.context().close();
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
  await page.getByRole("button", { name: /^Menu of / }).waitFor();
}

/** Waits until the page's heading is this text. */
export async function waitForHeading(page: Page, name: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
}

/** Waits until the page shows the text. */
export async function waitForText(page: Page, text: string): Promise<void> {
  await page.getByText(text).first().waitFor();
}

/** Waits until nothing is asked of the server for a while, besides the stream that has no end. */
export async function waitForNetworkIdle(page: Page): Promise<void> {
  const calls = pendingRequests.get(page);
  for (let quiet = 0; quiet < 5; quiet += 1) {
    await page.waitForTimeout(100);
    if (calls && calls.size > 0) quiet = 0;
  }
}

const pendingRequests = new WeakMap<Page, Set<Request>>();

function trackRequests(page: Page): void {
  const calls = new Set<Request>();
  pendingRequests.set(page, calls);
  page.on("request", (request) => {
    if (!request.url().endsWith("/Subscribe")) calls.add(request);
  });
  page.on("requestfinished", (request) => calls.delete(request));
  page.on("requestfailed", (request) => calls.delete(request));
}

function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? "",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}
