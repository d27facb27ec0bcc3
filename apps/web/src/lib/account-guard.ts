import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { codeOf } from "./errors.ts";

/** The id of the account for which this window acts: null for a visitor, undefined while nobody knows. */
let activeAccountId: string | null | undefined;
let unauthenticatedListener = () => {};

export function getActiveAccount(): string | null | undefined {
  return activeAccountId;
}

export function setActiveAccount(id: string | null): void {
  activeAccountId = id;
}

/** Has something done when a call for the account is refused because that is not signed in, or not any more. */
export function onUnauthenticated(listener: () => void): void {
  unauthenticatedListener = listener;
}

/** What a call names its account in, which the edge compares with the one that is signed in. */
const accountHeaderName = "plaza-account";

/** The headers of a call that is made for an account, whoever is here by then. */
export function accountHeaders(id: string): Record<string, string> {
  return { [accountHeaderName]: id };
}

/**
 * Names the account for which each call is made, since the cookie may be another's by now. Whoever signs in
 * after him gets no answers to what he has asked.
 */
export const accountInterceptor: Interceptor = (next) => async (request) => {
  const id = request.header.get(accountHeaderName) ?? activeAccountId;
  if (!id) return next(request);
  request.header.set(accountHeaderName, id);
  try {
    const answer = await next(request);
    if (activeAccountId && activeAccountId !== id) throw otherAccountError();
    return answer.stream ? { ...answer, message: reportStreamErrors(answer.message, id) } : answer;
  } catch (error) {
    reportUnauthenticated(error, id);
    throw error;
  }
};

async function* reportStreamErrors<T>(messages: AsyncIterable<T>, id: string): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    reportUnauthenticated(error, id);
    throw error;
  }
}

/** A session can end, or give way to another, elsewhere and at any moment. */
function reportUnauthenticated(error: unknown, id: string): void {
  if (activeAccountId === id && codeOf(error) === Code.Unauthenticated) unauthenticatedListener();
}

/** The refusal of the edge, for an answer. */
function otherAccountError(): ConnectError {
  const info = { desc: ErrorInfoSchema, value: { reason: "OTHER_ACCOUNT" } };
  return new ConnectError("somebody else is here", Code.Unauthenticated, undefined, [info]);
}
