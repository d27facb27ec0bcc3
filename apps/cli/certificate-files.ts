import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import {
  createAuthority,
  createCertificate,
  type KeyPair,
  subjectAltNames,
} from "./certificates.ts";

/** The files of a certificate, by setting. */
export type CertificateSettings = {
  readonly PLAZA_TLS_CA: string;
  readonly PLAZA_TLS_CERT: string;
  readonly PLAZA_TLS_KEY: string;
};

const authorityDays = 10 * 365;
const certificateDays = 365;
const localHosts = ["localhost", "127.0.0.1", "::1"];

/**
 * Issues a certificate for each name, valid on this machine and on the given hosts, in a folder that only its
 * owner can read. Renews existing ones with the same authority, so that running processes trust them, and for
 * their previous hosts too. Returns the settings by name.
 */
export async function issueCertificates(
  folder: string,
  names: readonly string[],
  hosts: readonly string[] = [],
): Promise<Map<string, CertificateSettings>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await loadOrCreateAuthority(folder);
  const settings = new Map<string, CertificateSettings>();
  for (const name of names) {
    const allHosts = new Set([...localHosts, ...hosts, ...previousHosts(folder, name)]);
    const pair = await createCertificate(authority, name, [...allHosts], certificateDays);
    settings.set(name, {
      PLAZA_TLS_CA: filePath(folder, "ca.crt"),
      ...saveKeyPair(folder, name, pair),
    });
  }
  return settings;
}

async function loadOrCreateAuthority(folder: string): Promise<KeyPair> {
  const [cert, key] = [filePath(folder, "ca.crt"), filePath(folder, "ca.key")];
  if (existsSync(cert) && existsSync(key)) {
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  }
  // A new authority would be trusted by no process.
  if (existsSync(cert) || existsSync(key)) {
    throw new OperatorError(
      `${folder} has only one of ca.crt and ca.key; add the other, or remove this one to create a new authority.`,
    );
  }
  const authority = await createAuthority(authorityDays);
  saveKeyPair(folder, "ca", authority);
  return authority;
}

function saveKeyPair(folder: string, name: string, { cert, key }: KeyPair) {
  const files = {
    PLAZA_TLS_CERT: filePath(folder, `${name}.crt`),
    PLAZA_TLS_KEY: filePath(folder, `${name}.key`),
  };
  writeAtomically(files.PLAZA_TLS_KEY, key, 0o600);
  writeAtomically(files.PLAZA_TLS_CERT, cert, 0o644);
  return files;
}

/** Writes a file atomically: readers see the old or the new content. */
function writeAtomically(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}

function previousHosts(folder: string, name: string): string[] {
  const file = filePath(folder, `${name}.crt`);
  return existsSync(file) ? subjectAltNames(readFileSync(file, "utf8")) : [];
}

function filePath(folder: string, name: string): string {
  return path.join(folder, name);
}
