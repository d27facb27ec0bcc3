import { type CanActivate, type ExecutionContext, UnauthorizedException } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import { createRemoteJWKSet, jwtVerify } from "jose";

declare module "fastify" {
  interface FastifyRequest {
    /** The account that makes the request, once its access token is verified. */
    accountId: string | undefined;
  }
}

const options = { algorithms: ["EdDSA"], issuer: "plaza", audience: "plaza", typ: "at+jwt" };

/** Admits callers with an access token of Plaza: a JWT signed with EdDSA. */
export class AccessTokenGuard implements CanActivate {
  readonly #keys = createRemoteJWKSet(new URL(process.env["JWKS_URL"] ?? ""));

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const [, token = ""] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    try {
      const { payload } = await jwtVerify(token, this.#keys, options);
      request.accountId = payload.sub;
    } catch (cause) {
      throw new UnauthorizedException("the token is invalid, expired or revoked", { cause });
    }
    return true;
  }
}
