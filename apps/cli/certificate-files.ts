import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { StartError } from "@plaza/kit/errors/operator-error";
import { createAuthority, createCertificate, hostsOf, type KeyPair } from "./certificates.ts";

/** The files of one certificate, as settings name them. */
export type CertificateEnv = {
  readonly PLAZA_TLS_CA: string;
  readonly PLAZA_TLS_CERT: string;
  readonly PLAZA_TLS_KEY: string;
};

const authorityDays = 10 * 365;
const certificateDays = 365;
const local = ["localhost", "127.0.0.1", "::1"];

/**
 * Makes a certificate for each name, valid on this machine and on the given hosts, in a folder that
 * only its owner can read. Where there are some, renews them: with the authority there, so that processes
 * which trust it go on doing so, and for the hosts of before too. Answers the settings for each name.
 */
export async function makeCertificates(
  folder: string,
  names: readonly string[],
  hosts: readonly string[] = [],
): Promise<Map<string, CertificateEnv>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await authorityIn(folder);
  const made = new Map<string, CertificateEnv>();
  for (const name of names) {
    const all = new Set([...local, ...hosts, ...hostsBefore(folder, name)]);
    const pair = await createCertificate(authority, name, [...all], certificateDays);
    made.set(name, {
      PLAZA_TLS_CA: fileOf(folder, "ca.crt"),
      ...save(folder, name, pair),
    });
  }
  return made;
}

async function authorityIn(folder: string): Promise<KeyPair> {
  const [cert, key] = [fileOf(folder, "ca.crt"), fileOf(folder, "ca.key")];
  if (existsSync(cert) && existsSync(key)) {
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  }
  // No process would trust what a new authority signs.
  if (existsSync(cert) || existsSync(key)) {
    throw new StartError(
      `${folder} has only one of ca.crt and ca.key: put the other beside it, or move it away for a new authority.`,
    );
  }
  const authority = await createAuthority(authorityDays);
  save(folder, "ca", authority);
  return authority;
}

function save(folder: string, name: string, { cert, key }: KeyPair) {
  const files = {
    PLAZA_TLS_CERT: fileOf(folder, `${name}.crt`),
    PLAZA_TLS_KEY: fileOf(folder, `${name}.key`),
  };
  replace(files.PLAZA_TLS_KEY, key, 0o600);
  replace(files.PLAZA_TLS_CERT, cert, 0o644);
  return files;
}

/** Writes a file anew; who reads it meanwhile finds it whole, as it was or as it is now. */
function replace(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}

function hostsBefore(folder: string, name: string): string[] {
  const file = fileOf(folder, `${name}.crt`);
  return existsSync(file) ? hostsOf(readFileSync(file, "utf8")) : [];
}

function fileOf(folder: string, name: string): string {
  return path.join(folder, name);
}
