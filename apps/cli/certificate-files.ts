import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createAuthority, createCertificate, type KeyPair } from "./certificates.ts";

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
 * only its owner can read. The authority there is used again, so that processes which trust it go on
 * doing so. Answers the settings for each name.
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
    const pair = await createCertificate(authority, name, [...local, ...hosts], certificateDays);
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
  const authority = await createAuthority(authorityDays);
  save(folder, "ca", authority);
  return authority;
}

function save(folder: string, name: string, { cert, key }: KeyPair) {
  const files = {
    PLAZA_TLS_CERT: fileOf(folder, `${name}.crt`),
    PLAZA_TLS_KEY: fileOf(folder, `${name}.key`),
  };
  writeFileSync(files.PLAZA_TLS_KEY, key, { mode: 0o600 });
  writeFileSync(files.PLAZA_TLS_CERT, cert);
  return files;
}

function fileOf(folder: string, name: string): string {
  return path.join(folder, name);
}
