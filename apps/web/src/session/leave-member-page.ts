import type { Navigate } from "../lib/routing/router.ts";

/**
 * Goes to the home page before the session ends, in place of the page of members that is shown: that page would
 * send the visitor to sign in and back to itself. It is gone from the screen when the promise resolves.
 */
export async function leaveMemberPage(navigate: Navigate): Promise<void> {
  await navigate("/", { replace: true, flushSync: true });
}
