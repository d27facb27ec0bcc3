import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import { accessTokenTtlSeconds } from "../crypto/access-tokens.ts";
import { formatCookie, formatRefreshToken } from "../crypto/secrets.ts";
import { sessionTtlMs } from "../domain/session.ts";
import type { SignInResult } from "../use-cases/new-session.ts";

/** The response header from which the gateway sets the session cookie; empty to delete the cookie. */
export const sessionCookieHeader = "plaza-session";

/** The response to a sign-in. The value of a cookie goes into the header, which only the gateway sees. */
export function toSignInResponse(
  { session, token, user, accessToken }: SignInResult,
  { responseHeader }: HandlerContext,
): MessageInitShape<typeof SignInResponseSchema> {
  if (session.kind === "cookie") {
    responseHeader.set(sessionCookieHeader, formatCookie(token.secret));
    return { user, expiresIn: sessionTtlMs / 1_000 };
  }
  return {
    user,
    accessToken,
    refreshToken: formatRefreshToken(token),
    expiresIn: accessTokenTtlSeconds,
  };
}
