import { t } from "../lib/messages.ts";

const browsers: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];

const operatingSystems: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Firefox on Linux", from a User-Agent header; for other programs, its first word. */
export function deviceName(userAgent: string): string {
  const browser = browsers.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = operatingSystems.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (browser) return system ? t("session.device.browserAndSystem", { browser, system }) : browser;
  return userAgent.split(/[\s/]/)[0] || t("session.device.unknown");
}
