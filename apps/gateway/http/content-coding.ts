import type { IncomingHttpHeaders } from "node:http";
import Negotiator from "negotiator";

/** The encodings of a Negotiator with the options of 1.x, which its types lack. */
type EncodingNegotiator = {
  encoding(
    available: readonly string[],
    options: { readonly preferred: readonly string[] },
  ): string | undefined;
};

/**
 * The content coding that Accept-Encoding likes best (RFC 9110, section 12.5.3), of equals the first; undefined when that
 * is none of them.
 */
export function preferredCoding<T extends string>(
  headers: IncomingHttpHeaders,
  codings: readonly T[],
): T | undefined {
  // Without the header any coding may be sent, but clients that do not send it read none.
  if (headers["accept-encoding"] === undefined) return undefined;
  const negotiator = new Negotiator({ headers }) as unknown as EncodingNegotiator;
  const chosen = negotiator.encoding([...codings, "identity"], { preferred: codings });
  return codings.find((coding) => coding === chosen);
}
