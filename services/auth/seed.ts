import { Fault } from "@plaza/kit/errors/fault";
import type { Parts } from "./context.ts";
import { claim, complete } from "./use-cases/registration.ts";

const password = "testPass123";
const demo = [
  { email: "admin1@email.com", nickname: "ada", roles: ["member", "admin"] },
  { email: "admin2@email.com", nickname: "bruno", roles: ["member", "admin"] },
  { email: "nonadmin3@email.com", nickname: "clara", roles: ["member"] },
  { email: "nonadmin4@email.com", nickname: "dmitri", roles: ["member"] },
];

/** The accounts to try Plaza with. Their password is known to everybody: for development only. */
export async function seed(parts: Parts): Promise<void> {
  await Promise.all(demo.map((account) => make(parts, account)));
}

async function make(parts: Parts, account: (typeof demo)[number]): Promise<void> {
  const claimed = await claim(parts, { email: account.email, password });
  if (typeof claimed !== "object") return;
  await complete(parts, claimed, account, async () => {}).catch((err) => {
    // Somebody else may have the nickname by now, and Plaza must start all the same.
    if (!(err instanceof Fault)) throw err;
    parts.log.warn({ nickname: account.nickname, reason: err.reason }, "no demo account");
  });
}
