import type { DescMethod } from "@bufbuild/protobuf";

/** Whether a call has many requests. */
export function isClientStreaming({ methodKind }: DescMethod): boolean {
  return methodKind === "client_streaming" || methodKind === "bidi_streaming";
}

/** Whether a call has many replies. */
export function isServerStreaming({ methodKind }: DescMethod): boolean {
  return methodKind === "server_streaming" || methodKind === "bidi_streaming";
}
