import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { promisify } from "node:util";
import { gzip as gzipCallback } from "node:zlib";

const gzip = promisify(gzipCallback);

/** A file held in memory, ready to be sent. */
export type StoredFile = {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  /** The body in gzip, made when first asked for. */
  compressed?: Promise<Buffer>;
};

const types: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

const compressible = /^text\/|json|javascript|svg/;
const minCompressBytes = 1_024;

/** Makes a file of a body; `name` tells its type. */
export function storedFile(name: string, body: Buffer | string, cacheControl: string): StoredFile {
  const bytes = Buffer.from(body);
  return {
    body: bytes,
    type: types[path.extname(name)] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
    cacheControl,
  };
}

/**
 * Reads a folder into memory, by the path of each file from "/" on; hidden files stay out. From memory
 * it is served as it was at the start, even while it is being built anew.
 */
export function readFolder(
  folder: string,
  cacheControl: (name: string) => string,
): Map<string, StoredFile> {
  const files = new Map<string, StoredFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const name = `/${path.relative(folder, file).split(path.sep).join("/")}`;
    if (!entry.isFile() || name.includes("/.")) continue;
    files.set(name, storedFile(name, readFileSync(file), cacheControl(name)));
  }
  return files;
}

/** Answers a GET or HEAD with a file, or with 304 when the client has it. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: StoredFile,
): Promise<void> {
  const { "if-none-match": known, "accept-encoding": accepted = "" } = request.headers;
  const headers = { etag: file.etag, "cache-control": file.cacheControl, vary: "accept-encoding" };
  if (known?.split(",").some((one) => one.trim().replace(/^W\//, "") === file.etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const isWorth = file.body.length >= minCompressBytes && compressible.test(file.type);
  const isCompressed = isWorth && /\bgzip\b(?!\s*;\s*q=0(\.0+)?\s*(,|$))/.test(`${accepted}`);
  if (isCompressed) file.compressed ??= gzip(file.body);
  const body = isCompressed && file.compressed ? await file.compressed : file.body;
  response.writeHead(200, {
    ...headers,
    "content-type": file.type,
    "content-length": body.length,
    ...(isCompressed ? { "content-encoding": "gzip" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
