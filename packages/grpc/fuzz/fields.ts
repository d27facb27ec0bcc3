import {
  type HeaderField,
  REQUEST,
  RESPONSE,
  replaceField,
  TRAILERS,
} from "../testing/messages.ts";
import type { FuzzRandom } from "./random.ts";

const methods = [
  "EmptyCall",
  "UnaryCall",
  "StreamingOutputCall",
  "StreamingInputCall",
  "FullDuplexCall",
  "UnimplementedCall",
];

const metadata: readonly HeaderField[] = [
  ["x-test", "plain"],
  ["x-test", "again"],
  ["x-empty", ""],
  ["x-percent", "%F0%9F%A6%8A"],
  ["x-test-bin", "AAECAw"],
  ["x-test-bin", "AAECAw=="],
  ["user-agent", "grpc-fuzz/1"],
  ["cookie", "a=b; c=d"],
];

const values = [
  ..."|%|%z|%zz|%00|%F0%9F|%ff%fe|a b| lead|trail |\t|\0|a\0b|a\r\nb|\x7f|\xe9\xff".split("|"),
  ..."AAE|AAE=|A|====|!!!!|_-_-|AAECAw,AAECAw".split("|"),
  ..."0|-1|1|16|17|99|1e3|0x1|4294967296|99999999999999999999|NaN".split("|"),
  ..."1n|1u|1m|0S|99999999H|999999999H|1|S|-1S|1.5S".split("|"),
  ..."gzip|identity|snappy|gzip,identity|,|GET|OPTIONS|CONNECT|https|*|/|//|trailers".split("|"),
  ..."application/grpc|application/grpc+json|application/grpc-web|application/json".split("|"),
  ..."100|103|199|200|204|404|503|600|/grpc.testing.TestService/__proto__|toString".split("|"),
  "CAISAHwQ",
  "x".repeat(300),
  "%".repeat(2_000),
  "=".repeat(5_000),
  "y".repeat(17_000),
];

const names = [
  ":method :scheme :path :authority :status :protocol :unknown : content-type content-length",
  "te connection keep-alive transfer-encoding upgrade proxy-connection host grpc-timeout",
  "grpc-encoding grpc-accept-encoding grpc-status grpc-message grpc-status-details-bin",
  "grpc-retry-pushback-ms grpc-previous-rpc-attempts x-test x-test-bin -bin X-Upper __proto__",
  "constructor cookie set-cookie",
]
  .join(" ")
  .split(" ")
  .concat("", "a b", "a\0b", "a:b", "\xe9", "n".repeat(400));

/** The fields of a valid call of any method, sometimes with a deadline and metadata. */
export function requestFields(random: FuzzRandom): HeaderField[] {
  const path = `/grpc.testing.TestService/${random.pick(methods)}`;
  const timeout: HeaderField[] = random.chance(0.5)
    ? [["grpc-timeout", random.pick(["1S", "50m"])]]
    : [];
  const encoding: HeaderField[] = random.chance(0.2) ? [["grpc-encoding", "gzip"]] : [];
  return [
    ...replaceField(REQUEST, ":path", path),
    ...timeout,
    ...encoding,
    ...randomMetadata(random),
  ];
}

/** The headers of a valid response. */
export function responseFields(random: FuzzRandom): HeaderField[] {
  const encoding: HeaderField[] = random.chance(0.2) ? [["grpc-encoding", "gzip"]] : [];
  return [...RESPONSE, ...encoding, ...randomMetadata(random)];
}

/** The trailers of a valid response: success, or an error with its message and details. */
export function trailerFields(random: FuzzRandom): HeaderField[] {
  if (random.chance(0.6)) return [...TRAILERS, ...randomMetadata(random)];
  return [
    ["grpc-status", String(random.below(18))],
    ["grpc-message", random.pick(["refused", "100%25", "%E2%82%AC", ""])],
    // A google.rpc.Status with code 2 and an empty Any.
    ["grpc-status-details-bin", random.pick(["CAISAHg", "CAIaAA"])],
    ...randomMetadata(random),
  ];
}

/** The fields with one mutation. */
export function mutateFields(random: FuzzRandom, fields: readonly HeaderField[]): HeaderField[] {
  const result = [...fields];
  const at = random.below(result.length);
  const [name, value] = result[at] as HeaderField;
  switch (random.below(7)) {
    case 0:
      result[at] = [name, random.pick(values)];
      break;
    case 1:
      result[at] = [random.pick(names), value];
      break;
    case 2:
      result.splice(at, 1);
      break;
    case 3:
      result.push([name, value]);
      break;
    case 4:
      result.unshift(...result.splice(at, 1));
      break;
    case 5:
      result.push([name, random.pick(values)]);
      break;
    default:
      result.splice(at, 0, [random.pick(names), random.pick(values)]);
  }
  return result;
}

function randomMetadata(random: FuzzRandom): HeaderField[] {
  return Array.from({ length: random.below(3) }, () => random.pick(metadata));
}
