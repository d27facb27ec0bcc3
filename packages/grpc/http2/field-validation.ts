import type { HeaderFields } from "../hpack/header-fields.ts";

/** How HTTP/2 treats a field. */
export const fieldKind = { regular: 0, pseudo: 1, forbidden: 2 } as const;

const kindsByName = new Map<string, number>([
  ...[":method", ":scheme", ":path", ":authority", ":status"].map(
    (name) => [name, fieldKind.pseudo] as const,
  ),
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"].map(
    (name) => [name, fieldKind.forbidden] as const,
  ),
]);

export function fieldKindOf(name: string): number {
  return kindsByName.get(name) ?? (isToken(name) ? fieldKind.regular : fieldKind.forbidden);
}

/**
 * Returns the first violation of RFC 9113, sections 8.2 and 8.3, in the fields of a request or a response, or
 * undefined. `pseudo`: the pseudo-fields it may have.
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

/** The content-length among the fields: NaN when it is no number, or appears twice with different values (RFC 9110, 8.6). */
export function contentLengthOf(fields: HeaderFields): number | undefined {
  let length: number | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at] !== "content-length") continue;
    const value = fields[at + 1] as string;
    const parsed = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    length = length === undefined || length === parsed ? parsed : Number.NaN;
  }
  return length;
}

// RFC 9110's token characters, except upper case.
const tokenCharacters = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";
const isTokenCode = new Uint8Array(128);
for (const character of tokenCharacters) isTokenCode[character.charCodeAt(0)] = 1;

function isToken(name: string): boolean {
  if (name.length === 0) return false;
  for (let at = 0; at < name.length; at++) {
    if (isTokenCode[name.charCodeAt(at)] !== 1) return false;
  }
  return true;
}

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
