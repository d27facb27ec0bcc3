import { isIPv4, isIPv6 } from "node:net";

/** A server to connect to. */
export type ServerAddress = {
  readonly isSecure: boolean;
  /** What requests name as `:authority`. */
  readonly authority: string;
  /** The host to connect to, or the path of a Unix socket. */
  readonly endpoint: Endpoint;
};

type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string };

/** gRPC's default, with TLS or without. */
const defaultPort = 443;
const nameForms =
  "use http://host:port, https://host:port, host:port, dns:///host:port, ipv4:…, ipv6:… or unix:path";

/**
 * Reads the address of a server: an `http` or `https` URL, or a name in gRPC's syntax (doc/naming.md of gRPC), which
 * may list several servers. `hasTls` says whether a name, unlike a URL, means TLS. Throws a TypeError on others.
 */
export function parseServerAddresses(address: string, hasTls: boolean): ServerAddress[] {
  if (/^https?:\/\//i.test(address)) return [parseUrl(address)];
  const [, scheme = "", rest = ""] = /^(dns|ipv4|ipv6|unix):(.*)$/s.exec(address) ?? [
    "",
    "dns",
    address,
  ];
  if (scheme === "unix")
    return [{ isSecure: hasTls, authority: "localhost", endpoint: socketPath(rest, address) }];
  const names = scheme === "dns" ? [withoutDnsServer(rest, address)] : rest.split(",");
  const isOfScheme = { dns: () => true, ipv4: isIPv4, ipv6: isIPv6 }[scheme];
  return names.map((name) => {
    const endpoint = hostAndPort(name);
    if (!endpoint || !isOfScheme?.(endpoint.host)) throw unknownAddress(address);
    const host = isIPv6(endpoint.host) ? `[${endpoint.host}]` : endpoint.host;
    return { isSecure: hasTls, authority: `${host}:${endpoint.port}`, endpoint };
  });
}

function parseUrl(address: string): ServerAddress {
  if (!URL.canParse(address)) throw unknownAddress(address);
  const url = new URL(address);
  if (url.pathname !== "/" || url.search || url.hash || url.username || url.password) {
    throw new TypeError(
      `"${address}" has more than a host and a port; gRPC uses nothing else of it`,
    );
  }
  const isSecure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || (isSecure ? 443 : 80));
  return { isSecure, authority: url.host, endpoint: { host, port } };
}

/** `unix:path` or `unix:///path`. */
function socketPath(rest: string, address: string): Endpoint {
  const path = rest.startsWith("//") ? rest.slice(2) : rest;
  if (path === "" || (rest !== path && !path.startsWith("/"))) throw unknownAddress(address);
  return { path };
}

/** `dns:name` or `dns:///name`; between the slashes stands a DNS server. */
function withoutDnsServer(rest: string, address: string): string {
  const [, server, name = rest] = /^\/\/([^/]*)\/(.*)$/s.exec(rest) ?? [];
  if (server) throw new TypeError(`"${address}" names a DNS server, which is not supported`);
  return name;
}

function hostAndPort(name: string): { host: string; port: number } | undefined {
  if (isIPv6(name)) return { host: name, port: defaultPort };
  const [, ipv6, other, digits] =
    /^(?:\[([^\]]+)\]|([^\s:/?#@[\]\\]+))(?::(\d{1,5}))?$/.exec(name) ?? [];
  const host = ipv6 ?? other;
  const port = digits === undefined ? defaultPort : Number(digits);
  const isValid = (ipv6 === undefined || isIPv6(ipv6)) && port > 0 && port < 65_536;
  return host !== undefined && isValid ? { host, port } : undefined;
}

function unknownAddress(address: string): TypeError {
  return new TypeError(`"${address}" is not the address of a server; ${nameForms}`);
}
