import { Fault } from "@plaza/kit/errors/fault";
import type { HttpRequest } from "./http-message.ts";

const hostPattern = /^(\[[\da-f:.]+\]|([\w.~!$&'()*+,;=-]|%[\da-f]{2})+)(:\d*)?$/i;
const absolutePattern = /^https?:\/\//i;

/**
 * Gives a target in absolute form, as proxies send it, the form of a path (RFC 9112, section 3.2.2). Throws INVALID_HOST
 * when the host is malformed or another than the target's, and UNSUPPORTED_TRANSFER_CODING for one beside chunked,
 * since the body would be taken for what it decodes to.
 */
export function normalizeRequest(request: HttpRequest): void {
  const { headers, url = "" } = request;
  const { host, "transfer-encoding": coding } = headers;
  if (coding !== undefined && !/^chunked$/i.test(coding)) {
    const message = `the transfer coding ${coding} is not supported; use chunked`;
    throw new Fault("unimplemented", "UNSUPPORTED_TRANSFER_CODING", message);
  }
  if (host !== undefined && !hostPattern.test(host)) throw invalidHost("the host is malformed");
  if (!absolutePattern.test(url)) return;
  const target = URL.parse(url);
  if (!target || target.host !== URL.parse(`${target.protocol}//${host}`)?.host) {
    throw invalidHost("the host is not the one of the request target");
  }
  // Not the parsed path, in which dots and escapes are resolved.
  request.url = url.replace(/^[^:]*:\/\/[^/?#]*/, "").replace(/^(?!\/)/, "/");
}

function invalidHost(message: string): Fault {
  return new Fault("invalid", "INVALID_HOST", message);
}
