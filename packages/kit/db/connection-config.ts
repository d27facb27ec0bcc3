import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { OperatorError } from "../errors/operator-error.ts";

/** Connection parameters of a PostgreSQL database. */
export type ConnectionConfig = {
  /** A host name or address, or the absolute path of the folder that holds the Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | undefined;
  readonly database: string;
  /** TLS as postgres.js takes it; absent means a plain connection. */
  readonly ssl?: "prefer" | "require" | "verify-full" | { readonly ca: string } | undefined;
};

/**
 * Parses a connection URL in libpq's form (PostgreSQL manual, 32.1.1.2):
 * `postgres://user:password@host:5432/database`, with `?host=/folder` for a Unix socket,
 * `?sslmode=` and `?sslrootcert=`. Other parameters are ignored.
 * Throws an OperatorError that names the setting; never the URL, because it may contain a password.
 */
export function parseConnectionUrl(url: string, setting = "DATABASE_URL"): ConnectionConfig {
  const parsed = URL.parse(url);
  if (!parsed || !["postgres:", "postgresql:"].includes(parsed.protocol)) {
    throw new OperatorError(
      `${setting} is not a PostgreSQL address; it should look like postgres://user:password@host:5432/database.`,
    );
  }
  const { searchParams } = parsed;
  return {
    host: searchParams.get("host") ?? (decodeURIComponent(parsed.hostname) || "localhost"),
    port: Number(parsed.port || 5432),
    user: decodeURIComponent(parsed.username) || userInfo().username,
    password: parsed.password ? decodeURIComponent(parsed.password) : undefined,
    database: decodeURIComponent(parsed.pathname.slice(1)) || "postgres",
    ssl: parseSsl(searchParams, setting),
  };
}

/** Formats connection parameters as a URL for `parseConnectionUrl`, psql and other clients of libpq. */
export function toConnectionUrl(config: ConnectionConfig): string {
  const { host, port, user, password, database } = config;
  const isSocket = host.startsWith("/");
  const url = new URL(`postgres://${isSocket ? "localhost" : host}:${port}/${database}`);
  url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  if (isSocket) url.searchParams.set("host", host);
  return url.href;
}

function parseSsl(params: URLSearchParams, setting: string): ConnectionConfig["ssl"] {
  const rootCert = params.get("sslrootcert");
  if (rootCert && rootCert !== "system") return { ca: readRootCert(rootCert, setting) };
  const mode = params.get("sslmode") ?? "disable";
  switch (mode) {
    case "disable":
      return undefined;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
      return "require";
    case "verify-ca":
    case "verify-full":
      return "verify-full";
    default:
      throw new OperatorError(`${setting} has an unknown sslmode, "${mode}".`);
  }
}

function readRootCert(path: string, setting: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new OperatorError(`${setting} names a certificate file that cannot be read: ${path}.`);
  }
}

/**
 * Maps an error of a connection attempt to an OperatorError that explains it; returns other errors
 * unchanged.
 */
export function toOperatorError(error: unknown, config: ConnectionConfig): unknown {
  if (!(error instanceof Error)) return error;
  const { host, port, user, database } = config;
  const place = host.startsWith("/") ? `in ${host}` : `at ${host}:${port}`;
  const explain = (sentence: string) => new OperatorError(sentence, { cause: error });
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ECONNREFUSED":
    case "ENOENT":
      return explain(`No PostgreSQL server answers ${place}; is it running?`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return explain(`The PostgreSQL host "${host}" cannot be found.`);
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return explain(`The PostgreSQL server ${place} cannot be reached.`);
    case "28P01":
    case "28000":
      return explain(`PostgreSQL ${place} rejected the user "${user}": ${error.message}.`);
    case "3D000":
      return explain(`PostgreSQL ${place} has no database "${database}".`);
    case "53300":
      return explain(`PostgreSQL ${place} has no free connections.`);
    case "57P03":
      return explain(`PostgreSQL ${place} is not ready: ${error.message}.`);
    default:
      return error;
  }
}
