/** One part of a path template: fixed text, any one segment (`*`), or any number of them (`**`). */
export type Segment = { kind: "literal"; text: string } | { kind: "one" } | { kind: "many" };

/** A variable of a template: the dotted field path it fills, and the segments [start, end) it covers. */
export type Variable = { path: string; start: number; end: number; multiple: boolean };

/** A parsed path template. `verb` is what follows the last segment's colon; empty when there is none. */
export type Template = { source: string; segments: Segment[]; verb: string; variables: Variable[] };

/** Says that a path template breaks the grammar, and where. */
export class TemplateError extends Error {
  override name = "TemplateError";
}

const literal = /(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+/y;
const verb = /(?::(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+)+$/y;
const fieldPath = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;

/**
 * Parses a path template by the grammar of google.api.HttpRule: `/v1/{name=shelves/*}/books:search`.
 * Throws TemplateError, and nothing else, for text that is not one.
 */
export function parseTemplate(source: string): Template {
  const cursor: Cursor = { source, at: 0, segments: [], variables: [] };
  const { segments, variables } = cursor;
  expect(cursor, "/");
  if (source === "/") return { source, segments, verb: "", variables };
  readSegments(cursor, readSegmentOrVariable);
  const rest = take(cursor, verb);
  if (cursor.at < source.length) fail(cursor, `unexpected "${source[cursor.at]}"`);
  return { source, segments, verb: canonicalText(rest.slice(1)), variables };
}

type Cursor = { source: string; at: number; segments: Segment[]; variables: Variable[] };

function readSegments(cursor: Cursor, read: (cursor: Cursor) => void): void {
  do read(cursor);
  while (skip(cursor, "/"));
}

function readSegmentOrVariable(cursor: Cursor): void {
  if (cursor.source[cursor.at] === "{") readVariable(cursor);
  else readSegment(cursor);
}

function readSegment(cursor: Cursor): void {
  if (skip(cursor, "**")) pushWildcard(cursor, "many");
  else if (skip(cursor, "*")) pushWildcard(cursor, "one");
  else pushLiteral(cursor);
}

function pushLiteral(cursor: Cursor): void {
  const text = take(cursor, literal);
  if (text === "") fail(cursor, "expected a segment");
  cursor.segments.push({ kind: "literal", text: canonicalText(text) });
}

function pushWildcard(cursor: Cursor, kind: "one" | "many"): void {
  if (cursor.segments.some((segment) => segment.kind === "many")) {
    fail(cursor, "only literals may follow **");
  }
  cursor.segments.push({ kind });
}

function readVariable(cursor: Cursor): void {
  const { segments, variables } = cursor;
  expect(cursor, "{");
  const path = take(cursor, fieldPath);
  if (path === "") fail(cursor, "expected a field path");
  if (variables.some((one) => one.path === path)) fail(cursor, `{${path}} appears twice`);
  const start = segments.length;
  if (skip(cursor, "=")) readSegments(cursor, readSegment);
  else pushWildcard(cursor, "one");
  expect(cursor, "}");
  const multiple = segments.length - start > 1 || segments[start]?.kind === "many";
  variables.push({ path, start, end: segments.length, multiple });
}

function take(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const text = pattern.exec(cursor.source)?.[0] ?? "";
  cursor.at += text.length;
  return text;
}

function skip(cursor: Cursor, text: string): boolean {
  const found = cursor.source.startsWith(text, cursor.at);
  if (found) cursor.at += text.length;
  return found;
}

function expect(cursor: Cursor, text: string): void {
  if (!skip(cursor, text)) fail(cursor, `expected "${text}"`);
}

function fail({ source, at }: Cursor, problem: string): never {
  throw new TemplateError(`path template "${source}", character ${at + 1}: ${problem}`);
}

/**
 * The one spelling under which equivalent escaped texts are compared: every escape decoded except
 * %2F, which is not a separator, and escapes that are not UTF-8.
 */
export function canonicalText(text: string): string {
  if (!text.includes("%")) return text;
  return text
    .split(/%2f/i)
    .map((part) =>
      decodeOr(
        part,
        part.replace(/%../g, (code) => code.toUpperCase()),
      ),
    )
    .join("%2F");
}

function decodeOr(text: string, fallback: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fallback;
  }
}
