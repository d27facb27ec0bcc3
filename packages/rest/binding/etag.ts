import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { RestError } from "../http/rest-error.ts";
import type { Binding } from "./bindings.ts";
import { findField, isStructured, setField } from "./fields.ts";

const conditionalMethods = new Set(["PUT", "PATCH", "DELETE"]);

/**
 * The path to the field that says which etag the resource must have (AIP-154): the request's own `etag`, or that
 * of the resource in the body. Undefined when the method takes none.
 */
export function preconditionFields({
  httpMethod,
  method,
  body,
}: Binding): readonly DescField[] | undefined {
  if (!conditionalMethods.has(httpMethod)) return undefined;
  const own = etagField(method.input);
  if (own) return [own];
  if (body.kind !== "field" || !isStructured(body.field)) return undefined;
  const field = etagField(body.field.message);
  return field && [...body.fields, field];
}

/**
 * Fills the field from If-Match (RFC 9110, section 13.1.1). `*` leaves it empty: the method itself fails without a
 * resource. Throws RestError when the request names another etag already.
 */
export function applyIfMatch(
  request: Message,
  desc: DescMessage,
  fields: readonly DescField[],
  ifMatch: string,
): void {
  if (ifMatch.trim() === "*") return;
  const root = reflect(desc, request);
  const named = fields.reduce<unknown>(
    (holder, field) => (holder as ReflectMessage).get(field),
    root,
  );
  if (named !== "" && named !== ifMatch) {
    throw new RestError("INVALID_HEADER", "If-Match differs from the etag in the request");
  }
  setField(root, fields, ifMatch);
}

/** The field of a response to GET that becomes its ETag; undefined when there is none. */
export function responseEtagField(binding: Binding): DescField | undefined {
  const { httpMethod, method, responseField } = binding;
  return httpMethod === "GET" && !responseField ? etagField(method.output) : undefined;
}

/** The etag in a response, between quotes as a header needs it; undefined when it is empty. */
export function responseEtag(response: Message, field: DescField): string | undefined {
  const etag = reflect(field.parent, response).get(field) as string;
  if (etag === "" || entityTagPattern.test(etag)) return etag || undefined;
  return entityTagPattern.test(`"${etag}"`) ? `"${etag}"` : undefined;
}

// RFC 9110, section 8.8.3, without the bytes above ASCII that Node's headers cannot carry as text.
const entityTagPattern = /^(W\/)?"[\x21\x23-\x7e]*"$/;

function etagField(message: DescMessage): DescField | undefined {
  const field = findField(message, "etag");
  return field?.fieldKind === "scalar" && field.scalar === ScalarType.STRING ? field : undefined;
}
