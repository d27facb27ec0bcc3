import { styleText } from "node:util";
import type { Config } from "@plaza/kit/config";

/** The text that `plaza start` prints when Plaza runs: URLs and, in development, demo accounts. */
export function startupBanner({ PLAZA_ENV, PLAZA_PUBLIC_URL }: Config, address: string): string {
  const url = PLAZA_PUBLIC_URL ?? address;
  const bold = (text: string) => styleText("bold", text);
  const dim = (text: string) => styleText("dim", text);
  const rows: [string, string][] = [
    ["Open", bold(url)],
    ["API", `${url}/docs`],
  ];
  if (PLAZA_ENV === "development") {
    rows.push(
      ["Sign in", `nonadmin3@email.com ${dim("a member")}`],
      ["", `admin1@email.com    ${dim("an admin")}`],
      ["Password", "testPass123"],
    );
  }
  const lines = rows.map(([label, value]) => `  ${dim(label.padEnd(9))} ${value}`);
  return `\n  ${bold("Plaza is running.")}\n\n${lines.join("\n")}\n\n  ${dim("Press Ctrl-C to stop it.")}\n\n`;
}
