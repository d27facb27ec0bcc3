import type { DescField, DescMessage, JsonValue } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import type { Binding } from "./bindings.ts";
import { preconditionFields } from "./etag.ts";
import { findField, isStructured, protoPathOf } from "./fields.ts";

/**
 * The field of a PATCH request that takes the names of the fields in its body, when the body is one
 * message of the request: its only FieldMask or, of several, the one called update_mask (AIP-134).
 * Undefined when no mask is to be inferred.
 */
export function updateMaskField({ httpMethod, method, body }: Binding): DescField | undefined {
  if (httpMethod !== "PATCH" || body.kind !== "field" || !isStructured(body.field))
    return undefined;
  const masks = method.input.fields.filter(
    ({ fieldKind, message }) =>
      fieldKind === "message" && message?.typeName === FieldMaskSchema.typeName,
  );
  return masks.length === 1 ? masks[0] : masks.find(({ name }) => name === "update_mask");
}

/**
 * The paths, in proto names, of the fields that a JSON object sets. Lists, maps and well-known types
 * are named whole, since a mask cannot lead into a repeated field (field_mask.proto). Fields that the
 * path fills and the etag are left out: they say which resource is meant, and not what to change.
 */
export function inferMaskPaths(binding: Binding, json: JsonValue | undefined): string[] {
  const { body, pathParameters } = binding;
  if (body.kind !== "field" || !isStructured(body.field)) return [];
  const base = `${protoPathOf(body.fields)}.`;
  const others = new Set(pathParameters.map(({ fieldPath }) => protoPathOf(fieldPath.fields)));
  others.add(protoPathOf(preconditionFields(binding) ?? []));
  const paths = setPaths(body.field.message, json ?? null, "");
  return paths.filter((path) => !others.has(base + path));
}

function setPaths(message: DescMessage, json: JsonValue, base: string): string[] {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return [];
  return Object.entries(json).flatMap(([key, value]) => {
    const field = findField(message, key);
    if (!field) return [];
    const path = base + field.name;
    const below = isStructured(field) ? setPaths(field.message, value, `${path}.`) : [];
    return below.length > 0 ? below : [path];
  });
}
