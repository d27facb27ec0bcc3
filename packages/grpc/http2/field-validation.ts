import type { HeaderFields } from "../hpack/decoder.ts";

/** What a field is for. Names of the protocol are not metadata. */
export const fieldKind = { metadata: 0, protocol: 1, pseudo: 2, forbidden: 3 } as const;

const kindsByName = new Map<string, number>([
  ...[":method", ":scheme", ":path", ":authority", ":status"].map(
    (name) => [name, fieldKind.pseudo] as const,
  ),
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"].map(
    (name) => [name, fieldKind.forbidden] as const,
  ),
  ...[
    "te",
    "content-type",
    "content-length",
    "grpc-timeout",
    "grpc-encoding",
    "grpc-accept-encoding",
    "grpc-status",
    "grpc-message",
    "grpc-message-type",
  ].map((name) => [name, fieldKind.protocol] as const),
]);

/** Whether a name is metadata or means something to HTTP/2 or gRPC. */
export function fieldKindOf(name: string): number {
  const kind = kindsByName.get(name);
  if (kind !== undefined) return kind;
  return isToken(name) ? fieldKind.metadata : fieldKind.forbidden;
}

/**
 * Says what is wrong with the fields of a request or a response, or nothing: names in lower case and
 * values without control characters, pseudo-fields first, each once, and none that belongs to a
 * connection (RFC 9113, sections 8.2 and 8.3).
 */
export function findFieldProblem(
  fields: HeaderFields,
  pseudo: readonly string[],
): string | undefined {
  let isPastPseudo = false;
  let seen = 0;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    const value = fields[at + 1] as string;
    const kind = fieldKindOf(name);
    if (kind === fieldKind.forbidden) return `the field ${name} is not allowed`;
    if (kind === fieldKind.pseudo) {
      const bit = 1 << pseudo.indexOf(name);
      if (isPastPseudo || !pseudo.includes(name)) return `${name} does not belong here`;
      if (seen & bit) return `${name} appears twice`;
      seen |= bit;
    } else isPastPseudo = true;
    if (!isValue(value)) return `the value of ${name} has forbidden characters`;
    if (name === "te" && value !== "trailers") return "te may only be trailers";
  }
  return undefined;
}

function isToken(name: string): boolean {
  if (name.length === 0) return false;
  for (let at = 0; at < name.length; at++) {
    if (!isTokenCode(name.charCodeAt(at))) return false;
  }
  return true;
}

// Of RFC 9110's token characters, those that are not upper case.
function isTokenCode(code: number): boolean {
  const isLetter = code >= 0x61 && code <= 0x7a;
  const isDigit = code >= 0x30 && code <= 0x39;
  return (
    isLetter ||
    isDigit ||
    code === 0x2d ||
    code === 0x5f ||
    code === 0x2e ||
    isTokenPunctuation(code)
  );
}

const isTokenPunctuation = (code: number): boolean =>
  "!#$%&'*+^`|~".includes(String.fromCharCode(code));

const controlCharacters = /[\0\r\n]/;

function isValue(value: string): boolean {
  if (value.length === 0) return true;
  return (
    !isBlank(value.charCodeAt(0)) &&
    !isBlank(value.charCodeAt(value.length - 1)) &&
    !controlCharacters.test(value)
  );
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
