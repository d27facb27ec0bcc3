/** One part of a path template: fixed text, any one segment (`*`), or any number of them (`**`). */
export type PathSegment = { kind: "literal"; text: string } | { kind: "one" } | { kind: "many" };

/** A variable of a template: the dotted field path it fills, and the segments [start, end) it covers. */
export type PathVariable = { path: string; start: number; end: number; multiple: boolean };

/** A parsed path template. `verb` is what follows the last segment's colon; empty when there is none. */
export type PathTemplate = {
  source: string;
  segments: PathSegment[];
  verb: string;
  variables: PathVariable[];
};

/** Says that a path template breaks the grammar, and where. */
export class PathTemplateError extends Error {
  override name = "TemplateError";
}

const literalPattern = /(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+/y;
const verbPattern = /(?::(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+)+$/y;
const fieldPathPattern = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;

/**
 * Parses a path template by the grammar of google.api.HttpRule: `/v1/{name=shelves/*}/books:search`.
 * Throws PathTemplateError, and nothing else, for text that is not one.
 */
export function parsePathTemplate(source: string): PathTemplate {
  const cursor: TemplateCursor = { source, at: 0, segments: [], variables: [] };
  const { segments, variables } = cursor;
  expectText(cursor, "/");
  if (source === "/") return { source, segments, verb: "", variables };
  readSegments(cursor, readSegmentOrVariable);
  const rest = takeMatch(cursor, verbPattern);
  if (cursor.at < source.length) fail(cursor, `unexpected "${source[cursor.at]}"`);
  return { source, segments, verb: canonicalSegment(rest.slice(1)), variables };
}

type TemplateCursor = {
  source: string;
  at: number;
  segments: PathSegment[];
  variables: PathVariable[];
};

function readSegments(cursor: TemplateCursor, read: (cursor: TemplateCursor) => void): void {
  do read(cursor);
  while (skipText(cursor, "/"));
}

function readSegmentOrVariable(cursor: TemplateCursor): void {
  if (cursor.source[cursor.at] === "{") readVariable(cursor);
  else readSegment(cursor);
}

function readSegment(cursor: TemplateCursor): void {
  if (skipText(cursor, "**")) pushWildcard(cursor, "many");
  else if (skipText(cursor, "*")) pushWildcard(cursor, "one");
  else pushLiteral(cursor);
}

function pushLiteral(cursor: TemplateCursor): void {
  const text = takeMatch(cursor, literalPattern);
  if (text === "") fail(cursor, "expected a segment");
  cursor.segments.push({ kind: "literal", text: canonicalSegment(text) });
}

function pushWildcard(cursor: TemplateCursor, kind: "one" | "many"): void {
  if (cursor.segments.some((segment) => segment.kind === "many")) {
    fail(cursor, "only literals may follow **");
  }
  cursor.segments.push({ kind });
}

function readVariable(cursor: TemplateCursor): void {
  const { segments, variables } = cursor;
  expectText(cursor, "{");
  const path = takeMatch(cursor, fieldPathPattern);
  if (path === "") fail(cursor, "expected a field path");
  if (variables.some((one) => one.path === path)) fail(cursor, `{${path}} appears twice`);
  const start = segments.length;
  if (skipText(cursor, "=")) readSegments(cursor, readSegment);
  else pushWildcard(cursor, "one");
  expectText(cursor, "}");
  const multiple = segments.length - start > 1 || segments[start]?.kind === "many";
  variables.push({ path, start, end: segments.length, multiple });
}

function takeMatch(cursor: TemplateCursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const text = pattern.exec(cursor.source)?.[0] ?? "";
  cursor.at += text.length;
  return text;
}

function skipText(cursor: TemplateCursor, text: string): boolean {
  const found = cursor.source.startsWith(text, cursor.at);
  if (found) cursor.at += text.length;
  return found;
}

function expectText(cursor: TemplateCursor, text: string): void {
  if (!skipText(cursor, text)) fail(cursor, `expected "${text}"`);
}

function fail({ source, at }: TemplateCursor, problem: string): never {
  throw new PathTemplateError(`path template "${source}", character ${at + 1}: ${problem}`);
}

/**
 * The one spelling under which equivalent escaped texts are compared: every escape decoded except
 * %2F, which is not a separator, %25, without which %252F would be %2F, and escapes that are not UTF-8.
 */
export function canonicalSegment(text: string): string {
  if (!text.includes("%")) return text;
  return text
    .split(/(%2f|%25)/i)
    .map((part) => {
      const upper = part.replace(/%../g, (code) => code.toUpperCase());
      return /^%2[5F]$/.test(upper) ? upper : decodeOrElse(part, upper);
    })
    .join("");
}

function decodeOrElse(text: string, fallback: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fallback;
  }
}
