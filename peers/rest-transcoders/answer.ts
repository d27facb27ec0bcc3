import { gunzipSync } from "node:zlib";

/** What is compared: the words of errors and other headers are everyone's own. */
export type Answer = {
  readonly status: number;
  /** The code of google.rpc.Status in the body of an error. */
  readonly code: number | undefined;
  readonly type: string | undefined;
  /** The body of a success: JSON, or else its text. */
  readonly body: unknown;
  /** Headers made of metadata: which name they got. */
  readonly metadata: readonly string[];
};

/** Reads a response that ended with its connection. */
export function parseAnswer(bytes: Buffer, method: string): Answer {
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...fields] = text.slice(0, Math.max(end, 0)).split("\r\n");
  const headers = new Map(
    fields.map((field) => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }),
  );
  const raw = bytes.subarray(end + 4);
  const isChunked = headers.get("transfer-encoding") === "chunked";
  const plain = method === "HEAD" ? Buffer.alloc(0) : isChunked ? dechunk(raw) : raw;
  const body = String(headers.get("content-encoding") === "gzip" ? gunzipSync(plain) : plain);
  const status = Number(statusLine.split(" ")[1] ?? 0);
  const isSuccess = status >= 200 && status < 300;
  const parsed = parseJson(body);
  const type = headers.get("content-type")?.split(";")[0];
  return {
    status,
    code: isSuccess ? undefined : (parsed as { code?: number } | null)?.code,
    type: isSuccess && method !== "HEAD" ? type : undefined,
    body: isSuccess ? (parsed === undefined ? body : parsed) : undefined,
    metadata: [...headers.keys()].filter((name) => name.endsWith("cost")),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function dechunk(bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, line), 16);
    if (!(size > 0)) break;
    chunks.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}

const maxShownLength = 120;

/** An answer in a few words; its body where that is what differs. */
export function summaryOf(answer: Answer, other: Answer): string {
  const { status, code, type, body, metadata } = answer;
  if (status !== other.status) return String(status);
  const parts = [
    String(status),
    ...(code === other.code ? [] : [`code ${code}`]),
    ...(type === other.type ? [] : [String(type)]),
    ...(metadata.join() === other.metadata.join() ? [] : [metadata.join() || "no metadata"]),
  ];
  if (parts.length > 1) return parts.join(" ");
  const shown = String(JSON.stringify(body));
  return shown.length > maxShownLength ? `${shown.slice(0, maxShownLength)}…` : shown;
}
