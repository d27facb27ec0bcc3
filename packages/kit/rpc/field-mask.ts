import {
  create,
  type DescField,
  type DescMessage,
  isFieldSet,
  type Message,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { Fault, type Violation } from "../errors/fault.ts";

/** A validated read mask: a tree of proto field names. An empty tree selects the whole field. */
export type ReadMask = { readonly [field: string]: ReadMask };

const allFields: ReadMask = Object.freeze(Object.create(null));
const maskCache = new WeakMap<DescMessage, Map<string, ReadMask>>();
const maxCachedMasks = 1_000;
const maxCachedKeyLength = 500;
const maxQuoteLength = 100;

/**
 * Validates a read mask (AIP-157) for messages of a schema. No mask, an empty one and `*` select all fields.
 * Throws UNKNOWN_FIELD_PATH when a path names no field.
 */
export function parseReadMask(schema: DescMessage, mask: FieldMask | undefined): ReadMask {
  if (!mask || mask.paths.length === 0) return allFields;
  // With their number, because a path may contain commas.
  const key = `${mask.paths.length} ${mask.paths}`;
  const masks = maskCache.getOrInsertComputed(schema, () => new Map());
  const cached = masks.get(key);
  if (cached) return cached;
  const tree = parsePaths(schema, mask.paths, "read_mask");
  if (masks.size < maxCachedMasks && key.length <= maxCachedKeyLength) masks.set(key, tree);
  return tree;
}

/** Whether the mask includes the field. Do not compute expensive fields otherwise. */
export function includesField(mask: ReadMask, field: string): boolean {
  return mask === allFields || field in mask;
}

/**
 * The part of a mask below a field, to pass to another service; undefined when the mask includes the whole
 * field.
 */
export function subMask(mask: ReadMask, field: string): FieldMask | undefined {
  const inner = mask[field];
  return inner && inner !== allFields
    ? create(FieldMaskSchema, { paths: toPaths(inner, "") })
    : undefined;
}

/** A copy of a message with the fields in the mask only; the message itself when that is all of them. */
export function prune<T extends DescMessage>(
  schema: T,
  message: MessageShape<T>,
  mask: ReadMask,
): MessageShape<T> {
  if (mask === allFields) return message;
  const pruned = create(schema) as Record<string, unknown>;
  for (const field of schema.fields) {
    const inner = mask[field.name];
    if (!inner || !isFieldSet(message, field)) continue;
    const pruneValue = (value: unknown) =>
      field.fieldKind === "message" ? prune(field.message, value as Message, inner) : value;
    const values = message as Record<string, unknown>;
    if (field.oneof) {
      const { value } = values[field.oneof.localName] as { value: unknown };
      pruned[field.oneof.localName] = { case: field.localName, value: pruneValue(value) };
    } else pruned[field.localName] = pruneValue(values[field.localName]);
  }
  return pruned as MessageShape<T>;
}

/**
 * The fields that an update (AIP-134) changes, by proto name; `*` means all writable ones. Throws
 * EMPTY_UPDATE_MASK, UNKNOWN_FIELD_PATH, or FIELD_NOT_WRITABLE for a field that is not writable.
 */
export function parseUpdateMask<F extends string>(
  schema: DescMessage,
  mask: FieldMask | undefined,
  writable: readonly F[],
): F[] {
  if (!mask || mask.paths.length === 0) {
    throw new Fault(
      "invalid",
      "EMPTY_UPDATE_MASK",
      "update_mask is empty; name the fields to change",
    );
  }
  if (parsePaths(schema, mask.paths, "update_mask") === allFields) return [...writable];
  const fields = new Set<F>();
  for (const path of mask.paths) {
    const field = writable.find((one) => one === path);
    if (!field) throw invalidPath("FIELD_NOT_WRITABLE", "update_mask", path, "cannot be changed");
    fields.add(field);
  }
  return [...fields];
}

/**
 * Declares the writable fields of a message: `names` maps their proto names to property names. The result
 * takes the message and the update mask of a request and returns the values that the mask names, by property
 * name; it throws like `parseUpdateMask`.
 */
export function writableFields<T extends DescMessage, Name extends keyof MessageShape<T>>(
  schema: T,
  names: Readonly<Record<string, Name>>,
): (values: MessageShape<T>, mask: FieldMask | undefined) => Partial<Pick<MessageShape<T>, Name>> {
  const paths = Object.keys(names);
  return (values, mask) => {
    const changes: Partial<Pick<MessageShape<T>, Name>> = {};
    for (const path of parseUpdateMask(schema, mask, paths)) {
      const name = names[path];
      if (name !== undefined) changes[name] = values[name];
    }
    return changes;
  };
}

// Without prototype, because a field may be called `constructor`.
function parsePaths(schema: DescMessage, paths: readonly string[], name: string): ReadMask {
  const tree: Record<string, ReadMask> = Object.create(null);
  let includesAll = false;
  for (const path of paths) {
    if (path === "*") includesAll = true;
    else insertPath(tree, resolvePath(schema, path, name));
  }
  return includesAll ? allFields : tree;
}

/** The names of the fields along a path. */
function resolvePath(schema: DescMessage, path: string, name: string): string[] {
  const segments = path.split(".");
  let message: DescMessage | undefined = schema;
  for (const segment of segments) {
    const field: DescField | undefined = message?.fields.find((one) => one.name === segment);
    if (!field)
      throw invalidPath("UNKNOWN_FIELD_PATH", name, path, `is not a field of ${schema.name}`);
    message = field.fieldKind === "message" ? field.message : undefined;
  }
  return segments;
}

function insertPath(tree: Record<string, ReadMask>, segments: readonly string[]): void {
  let level = tree;
  for (const [index, segment] of segments.entries()) {
    if (level[segment] === allFields) return;
    if (index === segments.length - 1) level[segment] = allFields;
    else {
      const inner: Record<string, ReadMask> = level[segment] ?? Object.create(null);
      level[segment] = inner;
      level = inner;
    }
  }
}

function invalidPath(reason: string, name: string, path: string, problem: string): Fault {
  const quote = path.slice(0, maxQuoteLength).toWellFormed();
  const violation: Violation = { field: name, reason, description: `"${quote}" ${problem}` };
  return new Fault("invalid", reason, `${name}: ${violation.description}`, {
    violations: [violation],
  });
}

function toPaths(mask: ReadMask, prefix: string): string[] {
  return Object.entries(mask).flatMap(([field, inner]) =>
    inner === allFields ? [prefix + field] : toPaths(inner, `${prefix}${field}.`),
  );
}
