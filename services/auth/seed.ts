import { Fault } from "@plaza/kit/errors/fault";
import type { ServiceContext } from "./context.ts";
import { acquireRegistration, finishRegistration } from "./use-cases/registration.ts";

const demoPassword = "testPass123";
const demoAccounts = [
  { email: "admin1@email.com", nickname: "ada", roles: ["member", "admin"] },
  { email: "admin2@email.com", nickname: "bruno", roles: ["member", "admin"] },
  { email: "nonadmin3@email.com", nickname: "clara", roles: ["member"] },
  { email: "nonadmin4@email.com", nickname: "dmitri", roles: ["member"] },
];

/** Creates the demo accounts. Their password is public: for development only. */
export async function seed(deps: ServiceContext): Promise<void> {
  await Promise.all(demoAccounts.map((account) => createDemoAccount(deps, account)));
}

async function createDemoAccount(
  deps: ServiceContext,
  account: (typeof demoAccounts)[number],
): Promise<void> {
  const lease = await acquireRegistration(deps, { email: account.email, password: demoPassword });
  if (typeof lease !== "object") return;
  await finishRegistration(deps, lease, account, async () => {}).catch((err) => {
    // Another account may have the nickname; Plaza must start nevertheless.
    if (!(err instanceof Fault)) throw err;
    deps.log.warn({ nickname: account.nickname, reason: err.reason }, "demo account skipped");
  });
}
