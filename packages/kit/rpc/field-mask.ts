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

/** A read mask that names only fields that exist: a tree of proto field names. Empty means the whole. */
export type ReadMask = { readonly [field: string]: ReadMask };

const allFields: ReadMask = Object.freeze(Object.create(null));
const maskCache = new WeakMap<DescMessage, Map<string, ReadMask>>();
const maxCachedMasks = 1_000;
const maxCachedKeyLength = 500;
const maxQuoteLength = 100;

/**
 * Checks a read mask (AIP-157) against the message it selects from. Absent, empty and `*` select
 * everything. Throws UNKNOWN_FIELD_PATH for a path that names no field.
 */
export function parseReadMask(schema: DescMessage, mask: FieldMask | undefined): ReadMask {
  if (!mask || mask.paths.length === 0) return allFields;
  // With their number, for a path may hold a comma itself.
  const key = `${mask.paths.length} ${mask.paths}`;
  const masks = maskCache.getOrInsertComputed(schema, () => new Map());
  const before = masks.get(key);
  if (before) return before;
  const tree = parsePaths(schema, mask.paths, "read_mask");
  if (masks.size < maxCachedMasks && key.length <= maxCachedKeyLength) masks.set(key, tree);
  return tree;
}

/** Whether the mask selects the field, so that what it costs to fill it can be saved. */
export function includesField(mask: ReadMask, field: string): boolean {
  return mask === allFields || field in mask;
}

/**
 * The paths of a mask below a field that it selects, for asking another service for no more than those;
 * undefined when it selects the whole field.
 */
export function subMask(mask: ReadMask, field: string): FieldMask | undefined {
  const inner = mask[field];
  return inner && inner !== allFields
    ? create(FieldMaskSchema, { paths: toPaths(inner, "") })
    : undefined;
}

/** The message with only the selected fields. The message itself is left as it is. */
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
    const pick = (value: unknown) =>
      field.fieldKind === "message" ? prune(field.message, value as Message, inner) : value;
    const values = message as Record<string, unknown>;
    if (field.oneof) {
      const { value } = values[field.oneof.localName] as { value: unknown };
      pruned[field.oneof.localName] = { case: field.localName, value: pick(value) };
    } else pruned[field.localName] = pick(values[field.localName]);
  }
  return pruned as MessageShape<T>;
}

/**
 * The fields that an update (AIP-134) changes, in proto names; `*` names all writable ones. Throws
 * EMPTY_UPDATE_MASK, UNKNOWN_FIELD_PATH, or FIELD_NOT_WRITABLE for a field that is not among them.
 */
export function parseUpdateMask<F extends string>(
  schema: DescMessage,
  mask: FieldMask | undefined,
  writable: readonly F[],
): F[] {
  if (!mask || mask.paths.length === 0) {
    throw new Fault("invalid", "EMPTY_UPDATE_MASK", "update_mask names no field");
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
 * The fields of a message that updates may change: `names` maps their proto names to property names. The
 * result takes the requested values and the update mask, and returns the values of the properties that the
 * mask names, as `parseUpdateMask` checks it.
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

// Trees have no prototype: a field may be called `constructor`.
function parsePaths(schema: DescMessage, paths: readonly string[], name: string): ReadMask {
  const tree: Record<string, ReadMask> = Object.create(null);
  let isWhole = false;
  for (const path of paths) {
    if (path === "*") isWhole = true;
    else insertPath(tree, resolvePath(schema, path, name));
  }
  return isWhole ? allFields : tree;
}

/** The names of the fields along a path. */
function resolvePath(schema: DescMessage, path: string, name: string): string[] {
  const segments = path.split(".");
  let message: DescMessage | undefined = schema;
  for (const segment of segments) {
    const field: DescField | undefined = message?.fields.find((one) => one.name === segment);
    if (!field)
      throw invalidPath("UNKNOWN_FIELD_PATH", name, path, `names no field of ${schema.name}`);
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
