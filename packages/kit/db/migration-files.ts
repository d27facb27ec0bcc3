import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { OperatorError } from "../errors/operator-error.ts";

/** A migration: a file `0001_what_it_does.sql` with a `-- up` and a `-- down` section. */
export type Migration = {
  readonly number: number;
  /** The file name without its extension. */
  readonly name: string;
  readonly up: string;
  readonly down: string;
  /** SHA-256 of the file in hex, with line endings normalised. */
  readonly checksum: string;
};

/**
 * Reads the migrations in the folder `dir`, in order. Throws an OperatorError when their numbers do not
 * count from 1, or when a file has a bad name or lacks a section.
 */
export function readMigrations(dir: URL): Migration[] {
  const files = readdirSync(dir).filter((file) => file.endsWith(".sql"));
  const migrations = files.sort().map((file) => readMigration(dir, file));
  for (const [index, { number, name }] of migrations.entries()) {
    if (number === index + 1) continue;
    throw new OperatorError(
      `Migration ${name} should have the number ${padNumber(index + 1)}: numbers run from 0001 without gaps.`,
    );
  }
  return migrations;
}

/** A digest of a set of migrations, in hex: equal when their names and contents are. */
export function migrationsDigest(migrations: readonly Migration[]): string {
  const hash = createHash("sha256");
  for (const { name, checksum } of migrations) hash.update(`${name}:${checksum}\n`);
  return hash.digest("hex");
}

function readMigration(dir: URL, file: string): Migration {
  const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1];
  if (!number) {
    throw new OperatorError(`Migration ${file} should be named like 0001_what_it_does.sql.`);
  }
  const text = readFileSync(new URL(file, withTrailingSlash(dir)), "utf8").replaceAll("\r\n", "\n");
  const sections = /^-- up\n(.*)^-- down\n(.*)$/ms.exec(text);
  if (!sections) {
    throw new OperatorError(
      `Migration ${file} needs a line "-- up" and, after it, a line "-- down".`,
    );
  }
  const [, up = "", down = ""] = sections;
  const checksum = createHash("sha256").update(text).digest("hex");
  return { number: Number(number), name: file.slice(0, -".sql".length), up, down, checksum };
}

const padNumber = (number: number): string => String(number).padStart(4, "0");

const withTrailingSlash = (dir: URL): URL =>
  dir.href.endsWith("/") ? dir : new URL(`${dir.href}/`);
