import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { accountHeaderName, getActiveAccount, reportUnauthenticated } from "./account-guard.ts";

/**
 * Sends the account's id with each call, and rejects the response when another account has become active meanwhile:
 * all windows share the session cookie, so it can belong to another account by then.
 */
export const accountInterceptor: Interceptor = (next) => async (request) => {
  const id = request.header.get(accountHeaderName) ?? getActiveAccount();
  if (!id) return next(request);
  request.header.set(accountHeaderName, id);
  try {
    const response = await next(request);
    const active = getActiveAccount();
    if (active && active !== id) throw otherAccountError();
    return response.stream
      ? { ...response, message: reportStreamErrors(response.message, id) }
      : response;
  } catch (error) {
    reportIfUnauthenticated(error, id);
    throw error;
  }
};

async function* reportStreamErrors<T>(messages: AsyncIterable<T>, id: string): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    reportIfUnauthenticated(error, id);
    throw error;
  }
}

function reportIfUnauthenticated(error: unknown, id: string): void {
  if (ConnectError.from(error).code === Code.Unauthenticated) reportUnauthenticated(id);
}

/** The error that the gateway gives to a call with the wrong account. */
function otherAccountError(): ConnectError {
  const info = { desc: ErrorInfoSchema, value: { reason: "OTHER_ACCOUNT" } };
  return new ConnectError("another account is active", Code.Unauthenticated, undefined, [info]);
}
