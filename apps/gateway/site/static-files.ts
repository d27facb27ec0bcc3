import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip as gzipCallback } from "node:zlib";
import { preferredCoding } from "../http/content-coding.ts";
import { etagOf, matchesEtag } from "../http/etag.ts";
import type { HttpRequest, HttpResponse } from "../http/http-message.ts";

const brotli = promisify(brotliCompress);
const gzip = promisify(gzipCallback);

/** What is sent for a path, held in memory. */
export type StaticFile = {
  readonly body: Buffer;
  readonly contentType: string;
  /** Of the body as it is; that of a compressed form has its coding appended. */
  readonly etag: string;
  readonly cacheControl: string;
  /** 200 by default. */
  readonly status?: number;
  /** A request header on which it depends, besides Accept-Encoding. */
  readonly vary?: string;
  /** The body in each content coding, from the build or compressed at the first request for it. */
  readonly encoded: Partial<Record<ContentCoding, Promise<Buffer>>>;
};

/** Content codings, the smaller one first. */
const encoders = {
  br: (body: Buffer) => brotli(body, { params: brotliParams }),
  gzip: (body: Buffer) => gzip(body),
};

type ContentCoding = keyof typeof encoders;

/** Compresses as fast as gzip does, and by some 15 % more; files of a build come compressed at the highest quality. */
const brotliParams = { [constants.BROTLI_PARAM_QUALITY]: 5 };
const brotliExtension = ".br";

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
  ".atom": "application/atom+xml; charset=utf-8",
  ".rss": "application/rss+xml; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".xml": "application/xml; charset=utf-8",
};

const compressibleTypePattern = /^text\/|json|javascript|svg|xml/;
const minCompressedFileBytes = 1_024;

/** Creates a file; the extension of `name` gives its type. */
export function createStaticFile(
  name: string,
  body: Buffer | string,
  cacheControl: string,
  more: Pick<StaticFile, "status" | "vary"> = {},
): StaticFile {
  const bytes = Buffer.from(body);
  return {
    body: bytes,
    contentType: contentTypes[path.extname(name)] ?? "application/octet-stream",
    etag: etagOf(bytes),
    cacheControl,
    encoded: {},
    ...more,
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
  for (const [name, file] of files) {
    const compressed = files.get(name + brotliExtension);
    if (!compressed) continue;
    file.encoded.br = Promise.resolve(compressed.body);
    files.delete(name + brotliExtension);
  }
  return files;
}

/** Responds to GET or HEAD with a file, or with 304 when the client has it. */
export async function sendFile(
  request: HttpRequest,
  response: HttpResponse,
  file: StaticFile,
): Promise<void> {
  const { cacheControl, status = 200 } = file;
  const coding = chooseCoding(request, file);
  // Two forms are two representations (RFC 9110, section 8.8.3.3).
  const etag = coding ? `${file.etag.slice(0, -1)}.${coding}"` : file.etag;
  const vary = file.vary ? `accept-encoding, ${file.vary}` : "accept-encoding";
  const headers = { etag, "cache-control": cacheControl, vary };
  if (status === 200 && matchesEtag(request.headers["if-none-match"], etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  if (coding) file.encoded[coding] ??= encoders[coding](file.body);
  const body = (coding && (await file.encoded[coding])) || file.body;
  response.writeHead(status, {
    ...headers,
    "content-type": file.contentType,
    "content-length": body.length,
    ...(coding ? { "content-encoding": coding } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** The coding in which a client gets a file, if that is worth compressing. */
function chooseCoding(
  request: HttpRequest,
  { body, contentType }: StaticFile,
): ContentCoding | undefined {
  if (body.length < minCompressedFileBytes || !compressibleTypePattern.test(contentType)) {
    return undefined;
  }
  return preferredCoding(request.headers, Object.keys(encoders) as ContentCoding[]);
}
