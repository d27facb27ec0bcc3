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

/** Takes in an UNAUTHENTICATED response to a call: a session can end in another window or on the server at any time. */
export function reportUnauthenticated(id: string): void {
  if (activeAccountId === id) unauthenticatedListener();
}

/** The gateway rejects a call with OTHER_ACCOUNT when this header does not name the account of the session cookie. */
export const accountHeaderName = "plaza-account";

/** Headers that make a call for one account, whichever is active when it is sent. */
export function accountHeaders(id: string): Record<string, string> {
  return { [accountHeaderName]: id };
}
