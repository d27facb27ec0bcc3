import type postgres from "postgres";

/** JavaScript types of SQL values, where they differ from the defaults of postgres.js; see `connect`. */
export type CustomTypes = { bigint: bigint };

type ScalarCodec = {
  name: string;
  oid: number;
  arrayOid: number;
  parse: (text: string) => unknown;
};

const asText = (text: string): string => text;

// Object identifiers of built-in types (PostgreSQL: src/include/catalog/pg_type.dat). Listed here, so that
// connections need not query them when they open.
const scalarCodecs: readonly ScalarCodec[] = [
  { name: "boolean", oid: 16, arrayOid: 1000, parse: (text) => text === "t" },
  { name: "bytea", oid: 17, arrayOid: 1001, parse: (text) => Buffer.from(text.slice(2), "hex") },
  { name: "bigint", oid: 20, arrayOid: 1016, parse: BigInt },
  { name: "smallint", oid: 21, arrayOid: 1005, parse: Number },
  { name: "integer", oid: 23, arrayOid: 1007, parse: Number },
  { name: "text", oid: 25, arrayOid: 1009, parse: asText },
  { name: "json", oid: 114, arrayOid: 199, parse: (text) => JSON.parse(text) },
  { name: "real", oid: 700, arrayOid: 1021, parse: Number },
  { name: "double", oid: 701, arrayOid: 1022, parse: Number },
  { name: "varchar", oid: 1043, arrayOid: 1015, parse: asText },
  { name: "date", oid: 1082, arrayOid: 1182, parse: asText },
  { name: "timestamp", oid: 1114, arrayOid: 1115, parse: asText },
  { name: "timestamptz", oid: 1184, arrayOid: 1185, parse: (text) => new Date(text) },
  { name: "numeric", oid: 1700, arrayOid: 1231, parse: asText },
  { name: "uuid", oid: 2950, arrayOid: 2951, parse: asText },
  { name: "jsonb", oid: 3802, arrayOid: 3807, parse: (text) => JSON.parse(text) },
];

const isJson = (oid: number): boolean => oid === 114 || oid === 3802;

/** The `types` option of postgres.js: codecs of all built-in types that Plaza's tables use. */
export const typeCodecs: Record<string, postgres.PostgresType> = Object.fromEntries(
  scalarCodecs.flatMap(({ name, oid, arrayOid: array, parse }) => {
    const serialize = isJson(oid) ? toJsonLiteral : toLiteral;
    return [
      [name, { to: oid, from: [oid], parse, serialize }],
      [
        `${name}Array`,
        {
          to: array,
          from: [array],
          parse: (text: string) => parseArray(text, parse),
          serialize: (values: unknown) => toArrayLiteral(values, serialize),
        },
      ],
    ];
  }),
);

/**
 * Formats a value as PostgreSQL text. Never throws: when a serializer throws while other queries are in
 * flight, postgres.js no longer knows which response belongs to which query. An invalid value is sent as it
 * is, and the server refuses it.
 */
function toLiteral(value: unknown): string {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  }
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  return String(value);
}

function toJsonLiteral(value: unknown): string {
  try {
    return String(JSON.stringify(value));
  } catch (error) {
    return String(error);
  }
}

/** Formats an array (PostgreSQL manual, 8.15.2). */
function toArrayLiteral(values: unknown, serialize: (value: unknown) => string): string {
  if (!Array.isArray(values)) return String(values);
  const items = values.map((value) => {
    if (value === null) return "NULL";
    if (Array.isArray(value) && serialize === toLiteral) return toArrayLiteral(value, serialize);
    return `"${serialize(value).replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${items.join(",")}}`;
}

/** Parses a one-dimensional array (PostgreSQL manual, 8.15.6). */
function parseArray(text: string, parse: (text: string) => unknown): unknown[] {
  const items = text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|[^,]+/gs);
  return Array.from(items, ([bare, quoted]) => {
    if (quoted !== undefined) return parse(quoted.replace(/\\(.)/gs, "$1"));
    return bare === "NULL" ? null : parse(bare);
  });
}
