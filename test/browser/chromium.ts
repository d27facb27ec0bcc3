import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Chromium without a window's surroundings comes first: the tests take two thirds of the processor time in it. */
const executablePath = [
  process.env["PLAZA_CHROMIUM"],
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));

/** False when there is a browser, else how to get one. */
export const missingBrowser = executablePath
  ? false
  : "no browser: apt-get install chromium-headless-shell, or set PLAZA_CHROMIUM to the path of one";

export function launchChromium(): Promise<Browser> {
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
