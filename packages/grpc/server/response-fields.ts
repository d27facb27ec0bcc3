import { Code, type ConnectError } from "@connectrpc/connect";
import { acceptedEncodings } from "../calls/compression.ts";
import { addMetadata } from "../calls/metadata.ts";
import { errorTrailers } from "../calls/trailers.ts";
import type { HeaderFields } from "../hpack/header-fields.ts";

const identityFields: HeaderFields = [":status", "200", "content-type", "application/grpc+proto"];
const gzipFields: HeaderFields = [...identityFields, "grpc-encoding", "gzip"];

/** The fields that begin a response; the same array each time when there is no metadata. */
export function responseFields(isGzip: boolean, header: Headers | undefined): HeaderFields {
  const base = isGzip ? gzipFields : identityFields;
  if (!header) return base;
  const fields = [...base];
  addMetadata(fields, header);
  return fields;
}

/** A response that is an error only: headers and trailers in one block ("Trailers-Only"). */
export function errorOnlyFields(
  error: ConnectError,
  header: Headers | undefined,
  trailer: Headers | undefined,
): HeaderFields {
  const fields = [...responseFields(false, header)];
  if (error.code === Code.Unimplemented) fields.push("grpc-accept-encoding", acceptedEncodings);
  return [...fields, ...errorTrailers(error, trailer)];
}
