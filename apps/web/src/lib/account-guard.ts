import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { codeOf } from "./errors.ts";

/**
 * User id of the account for which this window makes calls: null for a visitor, undefined until the session is
 * read.
 */
let activeAccountId: string | null | undefined;
let unauthenticatedListener = () => {};

export function getActiveAccount(): string | null | undefined {
  return activeAccountId;
}

export function setActiveAccount(id: string | null): void {
  activeAccountId = id;
}

/** Sets the listener for UNAUTHENTICATED responses to calls of the active account. */
export function onUnauthenticated(listener: () => void): void {
  unauthenticatedListener = listener;
}

/** The gateway rejects a call with OTHER_ACCOUNT when this header does not name the account of the session cookie. */
const accountHeaderName = "plaza-account";

/** Headers that make a call for one account, whichever is active when it is sent. */
export function accountHeaders(id: string): Record<string, string> {
  return { [accountHeaderName]: id };
}

/**
 * Sends the account's id with each call, and rejects the response when another account has become active meanwhile:
 * all windows share the session cookie, so it can belong to another account by then.
 */
export const accountInterceptor: Interceptor = (next) => async (request) => {
  const id = request.header.get(accountHeaderName) ?? activeAccountId;
  if (!id) return next(request);
  request.header.set(accountHeaderName, id);
  try {
    const response = await next(request);
    if (activeAccountId && activeAccountId !== id) throw otherAccountError();
    return response.stream
      ? { ...response, message: reportStreamErrors(response.message, id) }
      : response;
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

/** A session can end in another window or on the server at any time. */
function reportUnauthenticated(error: unknown, id: string): void {
  if (activeAccountId === id && codeOf(error) === Code.Unauthenticated) unauthenticatedListener();
}

/** The error that the gateway gives to a call with the wrong account. */
function otherAccountError(): ConnectError {
  const info = { desc: ErrorInfoSchema, value: { reason: "OTHER_ACCOUNT" } };
  return new ConnectError("another account is active", Code.Unauthenticated, undefined, [info]);
}
