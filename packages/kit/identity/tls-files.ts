import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import type { Config } from "../config.ts";
import { OperatorError } from "../errors/operator-error.ts";
import type { Logger } from "../telemetry/log.ts";

/** TLS credentials of a process and the authorities it trusts, in PEM, as options of `node:tls`. */
export type TlsCredentials = {
  readonly ca: string[];
  readonly cert: string;
  readonly key: string;
  readonly minVersion: "TLSv1.3";
  readonly requestCert: true;
  readonly rejectUnauthorized: true;
};

/** Contents of the three files: authorities, certificate, key; an Error for one that cannot be read. */
type FileContents = readonly (string | Error)[];

const tlsVariables = ["PLAZA_TLS_CA", "PLAZA_TLS_CERT", "PLAZA_TLS_KEY"] as const;
// Polls, because fs.watch reports nothing when Kubernetes swaps the symlinked folder of a mounted secret.
const pollIntervalMs = 10_000;

/**
 * Opens the files in the settings PLAZA_TLS_*; undefined when none is set. Throws an OperatorError when only
 * some are set, or when a file is invalid.
 */
export function openTlsFiles(config: Config, log: Logger): TlsFiles | undefined {
  const missing = tlsVariables.filter((name) => config[name] === undefined);
  if (missing.length === tlsVariables.length) return undefined;
  if (missing.length > 0) throw new OperatorError(`${missing.join(" and ")} must be set too.`);
  const paths = tlsVariables.map((name) => config[name] ?? "");
  return new TlsFiles(paths, log);
}

/** The TLS credentials of a process; reloads them when their files change, until `close`. */
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

  /** The credentials for new connections. Returns the same object until they are reloaded. */
  readonly current = (): TlsCredentials => this.#credentials;

  close(): void {
    clearInterval(this.#timer);
  }

  #poll(): void {
    const contents = this.#paths.map(readContent);
    // Waits until two polls agree, because a renewal writes one file after the other.
    const isComplete = isDeepStrictEqual(contents, this.#lastRead);
    this.#lastRead = contents;
    if (!isComplete || isDeepStrictEqual(contents, this.#lastTried)) return;
    this.#lastTried = contents;
    try {
      this.#credentials = parseCredentials(this.#paths, contents);
      this.#log.info("certificates reloaded");
    } catch (err) {
      this.#log.error({ err }, "renewed certificates are invalid; keeping the old ones");
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

/**
 * Parses the file of authorities. Node ignores broken ones silently, and trusts its built-in ones when the
 * file is empty, so both are errors here.
 */
function parseAuthorities(file: string): string[] {
  const certificates = file
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .filter((part) => part.startsWith("-----BEGIN"));
  try {
    for (const one of certificates.length > 0 ? certificates : [file]) new X509Certificate(one);
  } catch (cause) {
    throw new OperatorError("PLAZA_TLS_CA must name a file with valid certificates.", {
      cause,
    });
  }
  return certificates;
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
