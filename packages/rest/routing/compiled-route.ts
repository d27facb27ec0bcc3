import { create, type JsonWriteOptions, type Message, type Registry } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import type { Binding } from "../binding/bindings.ts";
import { addParameter, applyParameters, emptyParameters, setMask } from "../binding/parameters.ts";
import { pathValue } from "../binding/path-value.ts";
import { pairReader, parsePairs, reservedFields } from "../binding/query-parameters.ts";
import { bodyReader } from "../binding/request-body.ts";
import { type ReplyBody, replyWriter } from "../binding/response-body.ts";
import { type Resumption, resumptionOf } from "../binding/resumption.ts";
import { inferPaths, maskFieldOf } from "../binding/update-mask.ts";

/** The parts of a request that fill its message. `form` holds further query text, sent as the body. */
export type Parts = {
  segments: string[];
  query: string;
  form?: string;
  body: Uint8Array;
  contentType: string | null;
};

/** A binding made ready: everything that depends on the contract alone is worked out beforehand. */
export type Route = {
  binding: Binding;
  /** Throws RestError when the request does not fit the method. */
  read: (parts: Parts) => Message;
  write: (reply: Message) => ReplyBody;
  resumption: Resumption | undefined;
};

export type RouteOptions = {
  registry: Registry | undefined;
  json: Partial<JsonWriteOptions>;
  ignored: ReadonlySet<string>;
  plusIsSpace: boolean;
  maxDepth: number;
  maxResponseBytes: number;
};

export function compileRoute(binding: Binding, options: RouteOptions): Route {
  const { registry, plusIsSpace, maxDepth } = options;
  const { input } = binding.method;
  const known = registry ? { registry } : {};
  const readQuery = pairReader(input, reservedFields(binding), options.ignored);
  const readBody = bodyReader(binding, pairReader(input, [], new Set()), {
    ...known,
    recursionLimit: maxDepth,
  });
  const maskField = maskFieldOf(binding);

  function read({ segments, query, form = "", body, contentType }: Parts): Message {
    const message = create(input);
    const json = readBody(body, contentType, message);
    readPath(binding, segments, message, maxDepth);
    if (query !== "" || form !== "") {
      const pairs = [...parsePairs(query, plusIsSpace), ...parsePairs(form, true)];
      applyParameters(readQuery(pairs), input, message, maxDepth);
    }
    if (maskField) {
      const mask = (message as unknown as Record<string, FieldMask | undefined>)[
        maskField.localName
      ];
      if (!mask?.paths.length) setMask(input, message, [maskField], inferPaths(binding, json));
    }
    return message;
  }

  const write = replyWriter(binding, { ...options.json, ...known }, options.maxResponseBytes);
  return { binding, read, write, resumption: resumptionOf(binding.method) };
}

function readPath(binding: Binding, segments: string[], message: Message, maxDepth: number): void {
  const { method, template, pathParameters } = binding;
  if (pathParameters.length === 0) return;
  const parameters = emptyParameters("INVALID_PATH_PARAMETER");
  for (const { variable, target } of pathParameters) {
    addParameter(parameters, target, pathValue(template, variable, segments));
  }
  applyParameters(parameters, method.input, message, maxDepth);
}
