import type { Timestamp } from "@bufbuild/protobuf/wkt";

// As in @bufbuild/protobuf/wkt, of which the first load would get all well-known types.

/** Milliseconds since 1970. */
export function timestampMs({ seconds, nanos }: Timestamp): number {
  return Number(seconds) * 1_000 + Math.round(nanos / 1_000_000);
}

export function timestampDate(timestamp: Timestamp): Date {
  return new Date(timestampMs(timestamp));
}
