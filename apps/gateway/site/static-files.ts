import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { promisify } from "node:util";
import { gzip as gzipCallback } from "node:zlib";
import { etagOf, matchesEtag } from "../http/etag.ts";

const gzip = promisify(gzipCallback);

/** A file held in memory, ready to be sent. */
export type StaticFile = {
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag: string;
  readonly cacheControl: string;
  /** The body in gzip, compressed at the first request for it. */
  compressed?: Promise<Buffer>;
};

const contentTypes: Record<string, string> = {
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

const compressibleTypePattern = /^text\/|json|javascript|svg/;
const minCompressedFileBytes = 1_024;

/** Creates a file; the extension of `name` gives its type. */
export function createStaticFile(
  name: string,
  body: Buffer | string,
  cacheControl: string,
): StaticFile {
  const bytes = Buffer.from(body);
  return {
    body: bytes,
    contentType: contentTypes[path.extname(name)] ?? "application/octet-stream",
    etag: etagOf(bytes),
    cacheControl,
  };
}

/**
 * Reads a folder into memory, by the path of each file from "/" on, without hidden files. Served from memory, the
 * files stay those of one build while the folder is rebuilt.
 */
export function loadStaticFiles(
  folder: string,
  cacheControl: (name: string) => string,
): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const name = `/${path.relative(folder, file).split(path.sep).join("/")}`;
    if (!entry.isFile() || name.includes("/.")) continue;
    files.set(name, createStaticFile(name, readFileSync(file), cacheControl(name)));
  }
  return files;
}

/** Responds to GET or HEAD with a file, or with 304 when the client has it. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: StaticFile,
): Promise<void> {
  const { "if-none-match": ifNoneMatch, "accept-encoding": accepted = "" } = request.headers;
  const headers = { etag: file.etag, "cache-control": file.cacheControl, vary: "accept-encoding" };
  if (matchesEtag(ifNoneMatch, file.etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const isCompressible =
    file.body.length >= minCompressedFileBytes && compressibleTypePattern.test(file.contentType);
  const isCompressed =
    isCompressible && /\bgzip\b(?!\s*;\s*q=0(\.0+)?\s*(,|$))/.test(`${accepted}`);
  if (isCompressed) file.compressed ??= gzip(file.body);
  const body = isCompressed && file.compressed ? await file.compressed : file.body;
  response.writeHead(200, {
    ...headers,
    "content-type": file.contentType,
    "content-length": body.length,
    ...(isCompressed ? { "content-encoding": "gzip" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
