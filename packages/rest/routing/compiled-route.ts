import { create, type JsonWriteOptions, type Message, type Registry } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import type { Binding } from "../binding/bindings.ts";
import { applyIfMatch, preconditionFields } from "../binding/etag.ts";
import {
  addParameter,
  applyParameters,
  createParameterSet,
  setFieldMask,
} from "../binding/parameters.ts";
import { pathVariableValue } from "../binding/path-value.ts";
import { createParameterReader, parseQuery, reservedFields } from "../binding/query-parameters.ts";
import { createBodyReader } from "../binding/request-body.ts";
import { createResponseWriter, type ResponseBody } from "../binding/response-body.ts";
import { resumptionOf, type StreamResumption } from "../binding/resumption.ts";
import { inferMaskPaths, updateMaskField } from "../binding/update-mask.ts";

/** The parts of a request that fill its message. `form` holds further query text, sent as the body. */
export type RequestParts = {
  segments: string[];
  query: string;
  form?: string;
  body: Uint8Array;
  contentType: string | null;
  /** The If-Match header. */
  ifMatch?: string | null;
};

/** A binding made ready: everything that depends on the contract alone is worked out beforehand. */
export type CompiledRoute = {
  binding: Binding;
  /** Throws RestError when the request does not fit the method. */
  readRequest: (parts: RequestParts) => Message;
  /** Whether If-Match fills a field of its requests. */
  isConditional: boolean;
  writeResponse: (reply: Message) => ResponseBody;
  resumption: StreamResumption | undefined;
};

export type CompileRouteOptions = {
  registry: Registry | undefined;
  json: Partial<JsonWriteOptions>;
  ignoredQueryParameters: ReadonlySet<string>;
  plusIsSpace: boolean;
  maxDepth: number;
  maxResponseBytes: number;
};

export function compileRoute(binding: Binding, options: CompileRouteOptions): CompiledRoute {
  const { registry, plusIsSpace, maxDepth } = options;
  const { input } = binding.method;
  const known = registry ? { registry } : {};
  const readQuery = createParameterReader(
    input,
    reservedFields(binding),
    options.ignoredQueryParameters,
  );
  const readBody = createBodyReader(binding, createParameterReader(input, [], new Set()), {
    ...known,
    recursionLimit: maxDepth,
  });
  const maskField = updateMaskField(binding);
  const etagFields = preconditionFields(binding);

  function read(parts: RequestParts): Message {
    const { segments, query, form = "", body, contentType, ifMatch = null } = parts;
    const message = create(input);
    const json = readBody(body, contentType, message);
    readPath(binding, segments, message, maxDepth);
    if (query !== "" || form !== "") {
      const pairs = [...parseQuery(query, plusIsSpace), ...parseQuery(form, true)];
      applyParameters(readQuery(pairs), input, message, maxDepth);
    }
    if (etagFields && ifMatch !== null) applyIfMatch(message, input, etagFields, ifMatch);
    if (maskField) {
      const mask = (message as unknown as Record<string, FieldMask | undefined>)[
        maskField.localName
      ];
      if (!mask?.paths.length)
        setFieldMask(input, message, [maskField], inferMaskPaths(binding, json));
    }
    return message;
  }

  const writeResponse = createResponseWriter(
    binding,
    { ...options.json, ...known },
    options.maxResponseBytes,
  );
  return {
    binding,
    readRequest: read,
    isConditional: etagFields !== undefined,
    writeResponse,
    resumption: resumptionOf(binding.method),
  };
}

function readPath(binding: Binding, segments: string[], message: Message, maxDepth: number): void {
  const { method, template, pathParameters } = binding;
  if (pathParameters.length === 0) return;
  const parameters = createParameterSet("INVALID_PATH_PARAMETER");
  for (const { variable, fieldPath } of pathParameters) {
    addParameter(parameters, fieldPath, pathVariableValue(template, variable, segments));
  }
  applyParameters(parameters, method.input, message, maxDepth);
}
