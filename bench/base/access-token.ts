import { tokenIssuer } from "@plaza/kit/identity/authenticator";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

const algorithm = "EdDSA";
const keyId = "bench";

/** A key pair for access tokens, as JSON web keys that other processes can be given. */
export async function createTokenKeys(): Promise<{ publicKey: JWK; privateKey: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwkOf = async (key: CryptoKey): Promise<JWK> => ({
    ...(await exportJWK(key)),
    kid: keyId,
    alg: algorithm,
  });
  return { publicKey: await jwkOf(publicKey), privateKey: await jwkOf(privateKey) };
}

/** The `authorization` header of a member, valid for an hour. */
export async function signAuthorization(privateKey: JWK, userId: string): Promise<string> {
  const token = await new SignJWT({ sid: userId, roles: ["member"] })
    .setProtectedHeader({ alg: algorithm, kid: keyId, typ: "at+jwt" })
    .setIssuer(tokenIssuer)
    .setAudience(tokenIssuer)
    .setSubject(userId)
    .setExpirationTime("1h")
    .sign(privateKey);
  return `Bearer ${token}`;
}
