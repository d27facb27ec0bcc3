import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { codeOf } from "./errors.ts";

/** The id of the account for which this window acts: null for a visitor, undefined while nobody knows. */
let account: string | null | undefined;
let onRefusal = () => {};

export function actingFor(): string | null | undefined {
  return account;
}

export function actFor(id: string | null): void {
  account = id;
}

/** Has something done when a call for the account is refused because that is not signed in, or not any more. */
export function whenRefused(then: () => void): void {
  onRefusal = then;
}

/** What a call names its account in, which the edge compares with the one that is signed in. */
const accountHeader = "plaza-account";

/** The headers of a call that is made for an account, whoever is here by then. */
export function namedFor(id: string): Record<string, string> {
  return { [accountHeader]: id };
}

/**
 * Names the account for which each call is made, since the cookie may be another's by now. Whoever signs in
 * after him gets no answers to what he has asked.
 */
export const nameAccount: Interceptor = (next) => async (request) => {
  const id = request.header.get(accountHeader) ?? account;
  if (!id) return next(request);
  request.header.set(accountHeader, id);
  try {
    const answer = await next(request);
    if (account && account !== id) throw otherAccount();
    return answer.stream ? { ...answer, message: heeding(answer.message, id) } : answer;
  } catch (error) {
    heed(error, id);
    throw error;
  }
};

async function* heeding<T>(messages: AsyncIterable<T>, id: string): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    heed(error, id);
    throw error;
  }
}

/** A session can end, or give way to another, elsewhere and at any moment. */
function heed(error: unknown, id: string): void {
  if (account === id && codeOf(error) === Code.Unauthenticated) onRefusal();
}

/** The refusal of the edge, for an answer. */
function otherAccount(): ConnectError {
  const info = { desc: ErrorInfoSchema, value: { reason: "OTHER_ACCOUNT" } };
  return new ConnectError("somebody else is here", Code.Unauthenticated, undefined, [info]);
}
