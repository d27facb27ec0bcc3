import { readFileSync } from "node:fs";
import type { Config } from "./config.ts";
import { StartError } from "./start-error.ts";

/** What a process shows others, and whom it trusts, in PEM; for `node:tls` as it is. */
export type TlsFiles = {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly minVersion: "TLSv1.3";
};

const names = ["PLAZA_TLS_CA", "PLAZA_TLS_CERT", "PLAZA_TLS_KEY"] as const;

/**
 * Reads the files that PLAZA_TLS_* name; undefined when none is named. Throws a StartError when only
 * some are, or one cannot be read.
 */
export function tlsFiles(config: Config): TlsFiles | undefined {
  const missing = names.filter((name) => config[name] === undefined);
  if (missing.length === names.length) return undefined;
  if (missing.length > 0) throw new StartError(`${missing.join(" and ")} must be set too.`);
  const [ca = "", cert = "", key = ""] = names.map((name) => read(name, config[name] ?? ""));
  return { ca, cert, key, minVersion: "TLSv1.3" };
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new StartError(`${name} names ${file}, which cannot be read.`, { cause });
  }
}
