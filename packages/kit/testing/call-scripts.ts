import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, encodeBinaryHeader, type HandlerContext } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import fc from "fast-check";

/** Metadata, a name as often as it has values. */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** How a call ends early, if it does. */
export type Stop = "never" | "deadline" | "before" | "during" | "unread";

/** What a handler does in a call, and its caller. */
export type Script = {
  readonly requestHeader: Metadata;
  readonly requests: readonly string[];
  readonly responseHeader: Metadata;
  readonly responseTrailer: Metadata;
  readonly answers: readonly string[];
  readonly stop: Stop;
  readonly failure: Failure | "crash" | undefined;
};

/** An error that a handler throws on purpose. */
export type Failure = {
  readonly code: Code;
  readonly message: string;
  readonly metadata: Metadata;
  readonly reasons: readonly string[];
};

/** What a caller gets to see of a call. */
export type Observation = {
  answers: string[];
  header?: Metadata;
  trailer?: Metadata;
  error?: Failure;
};

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom("", "100%", "%zz", "a\nb\r\n", "ümlaut €", "\u0000", " blank ", "%41"),
);
// No empty ones: connect-node drops them, and two of them make a value with a blank at its end.
const value = fc
  .string({ unit: fc.constantFrom(..."abz019 ,;=%/+-_\"'"), maxLength: 12 })
  .map((chars) => chars.trim() || "-");
const bytes = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((raw) => encodeBinaryHeader(raw));

function metadata(prefix: string): fc.Arbitrary<Metadata> {
  const plain = fc.tuple(fc.constantFrom(`x-${prefix}`, `x-${prefix}-2`), value);
  const binary = fc.tuple(fc.constant(`x-${prefix}-bin`), bytes);
  return fc.array(fc.oneof(plain, binary), { maxLength: 3 });
}

const failure: fc.Arbitrary<Failure> = fc.record({
  code: fc.integer({ min: Code.Canceled, max: Code.Unauthenticated }),
  message: text,
  metadata: metadata("error"),
  reasons: fc.array(text, { maxLength: 2 }),
});

/** The kind of a method. */
export type Kind = { readonly requests: "one" | "many"; readonly answers: "one" | "many" };

/** Random scripts of calls of methods of a kind. */
export function scripts(kind: Kind): fc.Arbitrary<Script> {
  const some = { one: { minLength: 1, maxLength: 1 }, many: { maxLength: 4 } };
  return fc.record({
    requestHeader: metadata("request"),
    requests: fc.array(text, some[kind.requests]),
    responseHeader: metadata("header"),
    responseTrailer: metadata("trailer"),
    answers: fc.array(text, some[kind.answers]),
    stop: fc.oneof(
      { weight: 5, arbitrary: fc.constant<Stop>("never") },
      { weight: 3, arbitrary: fc.constantFrom<Stop>("deadline", "before", "during", "unread") },
    ),
    failure: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 3, arbitrary: failure },
      { weight: 1, arbitrary: fc.constant("crash" as const) },
    ),
  });
}

/**
 * Does as the script says: answers, then waits for the end of a call that is to be ended, after `onWait`,
 * then fails if it is to.
 */
export async function* perform(
  script: Script,
  context: HandlerContext,
  onWait: () => void,
): AsyncGenerator<string> {
  for (const [name, value] of script.responseHeader) context.responseHeader.append(name, value);
  for (const [name, value] of script.responseTrailer) context.responseTrailer.append(name, value);
  yield* script.answers;
  if (script.stop === "deadline" || script.stop === "during") {
    onWait();
    await sleep(5_000, undefined, { signal: context.signal }).catch(() => undefined);
    context.signal.throwIfAborted();
  }
  if (script.failure === "crash") throw new Error("of no concern to the caller");
  if (script.failure) throw errorOf(script.failure);
}

function errorOf({ code, message, metadata, reasons }: Failure): ConnectError {
  const error = new ConnectError(message, code);
  for (const [name, value] of metadata) error.metadata.append(name, value);
  error.details = reasons.map((reason) => ({
    desc: ErrorInfoSchema,
    value: create(ErrorInfoSchema, { reason, domain: "test.plaza" }),
  }));
  return error;
}

/** What a caller sees of an error. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof ConnectError)) throw error;
  const reasons = error.findDetails(ErrorInfoSchema).map(({ reason }) => reason);
  const { code, rawMessage: message } = error;
  return { code, message, metadata: ownMetadata(error.metadata), reasons };
}

/** The metadata that a script sets, in order. */
export function ownMetadata(headers: Headers): Metadata {
  return [...headers].filter(([name]) => name.startsWith("x-"));
}
