/**
 * A header block breaks RFC 7541. The dynamic tables of the two sides may differ from here on, so the
 * connection ends with COMPRESSION_ERROR. The message says what is wrong and names the section.
 */
export class HpackError extends Error {
  override readonly name = "HpackError";
}
