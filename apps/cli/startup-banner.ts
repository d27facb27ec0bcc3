import { styleText } from "node:util";
import type { Config } from "@plaza/kit/config";

/** What `plaza start` prints once everything is up: where to go, and as whom. */
export function startupBanner({ PLAZA_ENV, PLAZA_PUBLIC_URL }: Config, address: string): string {
  const url = PLAZA_PUBLIC_URL ?? address;
  const strong = (text: string) => styleText("bold", text);
  const quiet = (text: string) => styleText("dim", text);
  const rows: [string, string][] = [
    ["Open", strong(url)],
    ["API", `${url}/docs`],
  ];
  if (PLAZA_ENV === "development") {
    rows.push(
      ["Sign in", `nonadmin3@email.com ${quiet("a member")}`],
      ["", `admin1@email.com    ${quiet("an admin")}`],
      ["Password", "testPass123"],
    );
  }
  const lines = rows.map(([label, value]) => `  ${quiet(label.padEnd(9))} ${value}`);
  return `\n  ${strong("Plaza is running.")}\n\n${lines.join("\n")}\n\n  ${quiet("Ctrl-C stops it.")}\n\n`;
}
