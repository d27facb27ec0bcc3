import { Fault } from "@plaza/kit/errors/fault";
import type { HttpRequest } from "./http-message.ts";

const hostPattern = /^(\[[\da-f:.]+\]|([\w.~!$&'()*+,;=-]|%[\da-f]{2})+)(:\d*)?$/i;
const absolutePattern = /^https?:\/\//i;

/**
 * Gives a target in absolute form, as proxies send it, the form of a path (RFC 9112, section 3.2.2), and strips the path
 * below which everything is served. Throws INVALID_HOST
 * when the host is malformed or another than the target's, and UNSUPPORTED_TRANSFER_CODING for one beside chunked,
 * since the body would be taken for what it decodes to.
 */
export function normalizeRequest(request: HttpRequest, basePath: string): void {
  const { headers } = request;
  const { host, "transfer-encoding": coding } = headers;
  if (coding !== undefined && !/^chunked$/i.test(coding)) {
    const message = `the transfer coding ${coding} is not supported; use chunked`;
    throw new Fault("unimplemented", "UNSUPPORTED_TRANSFER_CODING", message);
  }
  if (host !== undefined && !hostPattern.test(host)) throw invalidHost("the host is malformed");
  const target = toOriginForm(request.url ?? "", host);
  request.url = withoutBasePath(target, basePath);
}

function toOriginForm(url: string, host: string | undefined): string {
  if (!absolutePattern.test(url)) return url;
  const target = URL.parse(url);
  if (!target || target.host !== URL.parse(`${target.protocol}//${host}`)?.host) {
    throw invalidHost("the host is not the one of the request target");
  }
  // Not the parsed path, in which dots and escapes are resolved.
  return url.replace(/^[^:]*:\/\/[^/?#]*/, "").replace(/^(?!\/)/, "/");
}

/** A path below the base path, or at it, counts from there; proxies that strip it are right too. */
function withoutBasePath(target: string, basePath: string): string {
  if (basePath === "" || !target.startsWith(basePath)) return target;
  const path = target.slice(basePath.length);
  if (path.startsWith("/")) return path;
  return path === "" || path.startsWith("?") ? `/${path}` : target;
}

function invalidHost(message: string): Fault {
  return new Fault("invalid", "INVALID_HOST", message);
}
