import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { newNickname, signIn } from "../../test/base/accounts.ts";
import type { Answer } from "../../test/base/api-client.ts";
import { plainSend, register, type Target } from "../kill/client.ts";
import { emptyHistory as emptyWrites, type Registration } from "../kill/history.ts";

/** Sends a request until it is answered: what its first answer would have been stays the same. */
export type Settle = (line: string, body?: unknown) => Promise<Answer & Settled>;

/** What it took to get an answer. */
type Settled = {
  /** Whether an attempt was lost, so that it may or may not have been carried out. */
  readonly wasLost: boolean;
};

/** What settling notes: bugs, and how many calls lost an answer. */
type Notes = { readonly surprises: string[]; unknown: number };

/** A bug that shows so often for one request will show forever. */
const mostBugs = 3;

/** Between two attempts at the same request. */
const pauseMs = 20;

/** Somebody new, registered past planted faults: they are not what is broken. */
export async function newcomer(target: Target): Promise<Registration> {
  const nickname = newNickname();
  const account = { email: `${nickname}@example.org`, password: randomUUID(), nickname };
  const known = await register({ ...target, send: plainSend }, account, emptyWrites());
  if (!known) throw new Error("somebody could not register");
  return known;
}

/** The way in which an account calls, or anybody. Answers that say "try again" are obeyed, and bugs are noted. */
export function settling(
  target: Target,
  account: Pick<Registration, "email" | "password"> | undefined,
  notes: Notes,
): Settle {
  let accessToken: string | undefined;
  return async (line, body) => {
    let bugs = 0;
    for (let wasLost = false; ; wasLost = true) {
      const url = await target.url();
      try {
        if (account) {
          accessToken ??= (await signIn(url, account.email, account.password)).accessToken;
        }
        const answer = await target.send(url, accessToken, line, body);
        // Deadlocks are given up by PostgreSQL: nobody loses, but somebody locked out of order.
        const isBug = answer.status === 500 || answer.text.includes("CONCURRENT_CHANGE");
        if (isBug) {
          notes.surprises.push(`${line}: ${answer.text}`);
          bugs += 1;
        }
        if (answer.status === 401) accessToken = undefined;
        else if ((answer.status < 500 && !isBug) || bugs === mostBugs)
          return { ...answer, wasLost };
      } catch {
        // No answer: what came of it is unknown.
      }
      if (!wasLost) notes.unknown += 1;
      await sleep(pauseMs);
    }
  };
}

/** The reason of a refusal. */
export function reasonIn({ text }: Answer): string {
  return /"reason":\s*"([A-Z_]+)"/.exec(text)?.[1] ?? "";
}
