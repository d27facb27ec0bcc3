import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import type { Config } from "../config.ts";
import { OperatorError } from "../errors/operator-error.ts";
import type { Logger } from "../telemetry/log.ts";

/** What a process shows others, and whom it trusts, in PEM; for `node:tls` as it is. */
export type TlsCredentials = {
  readonly ca: string[];
  readonly cert: string;
  readonly key: string;
  readonly minVersion: "TLSv1.3";
  readonly requestCert: true;
  readonly rejectUnauthorized: true;
};

/** What the files hold: authorities, certificate and key, or why one cannot be read. */
type FileContents = readonly (string | Error)[];

const tlsVariables = ["PLAZA_TLS_CA", "PLAZA_TLS_CERT", "PLAZA_TLS_KEY"] as const;
// Not told by the system: it says nothing when Kubernetes turns a link to another folder.
const pollIntervalMs = 10_000;

/**
 * Reads the files that PLAZA_TLS_* name, and again when they change; undefined when none is named. Throws
 * a StartError when only some are, or they are of no use.
 */
export function openTlsFiles(config: Config, log: Logger): TlsFiles | undefined {
  const missing = tlsVariables.filter((name) => config[name] === undefined);
  if (missing.length === tlsVariables.length) return undefined;
  if (missing.length > 0) throw new OperatorError(`${missing.join(" and ")} must be set too.`);
  const paths = tlsVariables.map((name) => config[name] ?? "");
  return new TlsFiles(paths, log);
}

/** The certificates of a process, renewed as their files are, until it is closed. */
export class TlsFiles {
  readonly #paths: readonly string[];
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #credentials: TlsCredentials;
  #lastRead: FileContents;
  #lastTried: FileContents;

  constructor(paths: readonly string[], log: Logger) {
    this.#paths = paths;
    this.#log = log;
    this.#lastRead = paths.map(readContent);
    this.#lastTried = this.#lastRead;
    this.#credentials = parseCredentials(paths, this.#lastRead);
    this.#timer = setInterval(() => this.#poll(), pollIntervalMs).unref();
  }

  /** What goes for new connections: the same object until other files are taken up. */
  readonly current = (): TlsCredentials => this.#credentials;

  close(): void {
    clearInterval(this.#timer);
  }

  #poll(): void {
    const found = this.#paths.map(readContent);
    // Twice the same, since a renewal writes one file after the other.
    const isWritten = isDeepStrictEqual(found, this.#lastRead);
    this.#lastRead = found;
    if (!isWritten || isDeepStrictEqual(found, this.#lastTried)) return;
    this.#lastTried = found;
    try {
      this.#credentials = parseCredentials(this.#paths, found);
      this.#log.info("renewed certificates are in use");
    } catch (err) {
      this.#log.error({ err }, "renewed certificates are of no use; the old ones stay");
    }
  }
}

function readContent(path: string): string | Error {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return error as Error;
  }
}

function parseCredentials(paths: readonly string[], contents: FileContents): TlsCredentials {
  const [ca = "", cert = "", key = ""] = contents.map((content, index) => {
    if (typeof content === "string") return content;
    const cause = content;
    throw new OperatorError(`${tlsVariables[index]} names ${paths[index]}, which cannot be read.`, {
      cause,
    });
  });
  const trust = { minVersion: "TLSv1.3", requestCert: true, rejectUnauthorized: true } as const;
  const tls: TlsCredentials = { ca: parseAuthorities(ca), cert, key, ...trust };
  assertKeyMatches(tls);
  return tls;
}

/** Node takes a file without any, or with broken ones, for less trust or, when it is empty, for more. */
function parseAuthorities(file: string): string[] {
  const all = file
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .filter((part) => part.startsWith("-----BEGIN"));
  try {
    for (const one of all.length > 0 ? all : [file]) new X509Certificate(one);
  } catch (cause) {
    throw new OperatorError(
      "PLAZA_TLS_CA names a file without certificates, or with broken ones.",
      {
        cause,
      },
    );
  }
  return all;
}

function assertKeyMatches(tls: TlsCredentials): void {
  try {
    if (tls.cert === "" || tls.key === "") throw new Error("an empty file");
    createSecureContext(tls);
  } catch (cause) {
    const message = "PLAZA_TLS_CERT and PLAZA_TLS_KEY must name a certificate and its own key.";
    throw new OperatorError(message, { cause });
  }
}
