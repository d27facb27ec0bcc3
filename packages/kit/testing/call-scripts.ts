import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, encodeBinaryHeader, type HandlerContext } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import fc from "fast-check";

/** Metadata as name and value pairs; a name occurs once for each of its values. */
export type MetadataEntries = readonly (readonly [name: string, value: string])[];

/** How a call is interrupted. */
export type Interruption = "never" | "deadline" | "before" | "during" | "unread";

/** A script of the handler and the caller of one call. */
export type CallScript = {
  readonly requestHeader: MetadataEntries;
  readonly requests: readonly string[];
  readonly responseHeader: MetadataEntries;
  readonly responseTrailer: MetadataEntries;
  readonly responses: readonly string[];
  readonly interruption: Interruption;
  readonly failure: ScriptedError | "crash" | undefined;
};

/** An error that a script makes the handler throw. */
export type ScriptedError = {
  readonly code: Code;
  readonly message: string;
  readonly metadata: MetadataEntries;
  readonly reasons: readonly string[];
};

/** A call as its caller observes it. */
export type CallObservation = {
  responses: string[];
  header?: MetadataEntries;
  trailer?: MetadataEntries;
  error?: ScriptedError;
};

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom("", "100%", "%zz", "a\nb\r\n", "ümlaut €", "\u0000", " blank ", "%41"),
);
// Not empty: connect-node drops empty values, and joins two of them to a value that ends in a space.
const value = fc
  .string({ unit: fc.constantFrom(..."abz019 ,;=%/+-_\"'"), maxLength: 12 })
  .map((chars) => chars.trim() || "-");
const bytes = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((raw) => encodeBinaryHeader(raw));

function metadata(prefix: string): fc.Arbitrary<MetadataEntries> {
  const plain = fc.tuple(fc.constantFrom(`x-${prefix}`, `x-${prefix}-2`), value);
  const binary = fc.tuple(fc.constant(`x-${prefix}-bin`), bytes);
  return fc.array(fc.oneof(plain, binary), { maxLength: 3 });
}

const failure: fc.Arbitrary<ScriptedError> = fc.record({
  code: fc.integer({ min: Code.Canceled, max: Code.Unauthenticated }),
  message: text,
  metadata: metadata("error"),
  reasons: fc.array(text, { maxLength: 2 }),
});

/** Whether a method has one or many requests and responses. */
export type MethodCardinality = {
  readonly requests: "one" | "many";
  readonly responses: "one" | "many";
};

/** Random scripts for methods of this cardinality. */
export function callScripts(cardinality: MethodCardinality): fc.Arbitrary<CallScript> {
  const lengths = { one: { minLength: 1, maxLength: 1 }, many: { maxLength: 4 } };
  return fc.record({
    requestHeader: metadata("request"),
    requests: fc.array(text, lengths[cardinality.requests]),
    responseHeader: metadata("header"),
    responseTrailer: metadata("trailer"),
    responses: fc.array(text, lengths[cardinality.responses]),
    interruption: fc.oneof(
      { weight: 5, arbitrary: fc.constant<Interruption>("never") },
      {
        weight: 3,
        arbitrary: fc.constantFrom<Interruption>("deadline", "before", "during", "unread"),
      },
    ),
    failure: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 3, arbitrary: failure },
      { weight: 1, arbitrary: fc.constant("crash" as const) },
    ),
  });
}

/**
 * Runs the handler's part of a script: sends the responses; calls `onWait` and waits for the interruption, if
 * there is one; throws the error, if there is one.
 */
export async function* runScript(
  script: CallScript,
  context: HandlerContext,
  onWait: () => void,
): AsyncGenerator<string> {
  for (const [name, value] of script.responseHeader) context.responseHeader.append(name, value);
  for (const [name, value] of script.responseTrailer) context.responseTrailer.append(name, value);
  yield* script.responses;
  if (script.interruption === "deadline" || script.interruption === "during") {
    onWait();
    await sleep(5_000, undefined, { signal: context.signal }).catch(() => undefined);
    context.signal.throwIfAborted();
  }
  if (script.failure === "crash") throw new Error("must not reach the caller");
  if (script.failure) throw errorOf(script.failure);
}

function errorOf({ code, message, metadata, reasons }: ScriptedError): ConnectError {
  const error = new ConnectError(message, code);
  for (const [name, value] of metadata) error.metadata.append(name, value);
  error.details = reasons.map((reason) => ({
    desc: ErrorInfoSchema,
    value: create(ErrorInfoSchema, { reason, domain: "test.plaza" }),
  }));
  return error;
}

/** An error as its caller observes it. */
export function toScriptedError(error: unknown): ScriptedError {
  if (!(error instanceof ConnectError)) throw error;
  const reasons = error.findDetails(ErrorInfoSchema).map(({ reason }) => reason);
  const { code, rawMessage: message } = error;
  return { code, message, metadata: scriptMetadata(error.metadata), reasons };
}

/** The part of the metadata that scripts set, in order. */
export function scriptMetadata(headers: Headers): MetadataEntries {
  return [...headers].filter(([name]) => name.startsWith("x-"));
}
