import {
  createFileRegistry,
  createRegistry,
  type DescFile,
  fromJson,
  type JsonObject,
  type Message,
} from "@bufbuild/protobuf";
import type { GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { EventService } from "@plaza/contract/kit/v1/events";

/** The request of the test service. */
export type SayRequest = Message<"plaza.test.v1.SayRequest"> & {
  /** At most 100 characters. */
  text: string;
  /** Personal data. */
  email: string;
  /** A secret. */
  password: string;
  inner?: SayRequest;
  items: string[];
  labels: Record<string, string>;
  children: SayRequest[];
  byName: Record<string, SayRequest>;
  choice:
    | { case: "word"; value: string }
    | { case: "nested"; value: SayRequest }
    | { case: undefined; value?: undefined };
};

/** The response of the test service. */
export type SayResponse = Message<"plaza.test.v1.SayResponse"> & { text: string; count: number };

type Say = { input: GenMessage<SayRequest>; output: GenMessage<SayResponse> };

const text = { type: "TYPE_STRING" };
const request = { type: "TYPE_MESSAGE", typeName: ".plaza.test.v1.SayRequest" };
const publicPolicy = { "[plaza.kit.v1.policy]": { access: "ACCESS_PUBLIC" } };
const sayMethod = { inputType: request.typeName, outputType: ".plaza.test.v1.SayResponse" };
const repeated = { label: "LABEL_REPEATED" };

function mapEntry(name: string, value: JsonObject): JsonObject {
  const field = [
    { name: "key", number: 1, ...text },
    { name: "value", number: 2, ...value },
  ];
  return { name, field, options: { mapEntry: true } };
}

function sensitive(sensitivity: string): JsonObject {
  return { options: { "[plaza.kit.v1.sensitivity]": sensitivity } };
}

const requestFields = [
  { name: "text", ...text, options: { "[buf.validate.field]": { string: { maxLen: "100" } } } },
  { name: "email", ...text, ...sensitive("SENSITIVITY_PERSONAL") },
  { name: "password", ...text, ...sensitive("SENSITIVITY_SECRET") },
  { name: "inner", ...request },
  { name: "items", ...text, ...repeated },
  { name: "labels", ...repeated, ...request, typeName: `${request.typeName}.LabelsEntry` },
  { name: "children", ...request, ...repeated },
  { name: "by_name", ...repeated, ...request, typeName: `${request.typeName}.ByNameEntry` },
  { name: "word", ...text, oneofIndex: 0 },
  { name: "nested", ...request, oneofIndex: 0 },
].map((field, index) => ({ number: index + 1, ...field }));

const file = {
  name: "plaza/test/v1/test.proto",
  package: "plaza.test.v1",
  syntax: "proto3",
  dependency: ["buf/validate/validate.proto", "plaza/kit/v1/options.proto"],
  messageType: [
    {
      name: "SayRequest",
      field: requestFields,
      nestedType: [mapEntry("LabelsEntry", text), mapEntry("ByNameEntry", request)],
      oneofDecl: [{ name: "choice" }],
    },
    {
      name: "SayResponse",
      field: [
        { name: "text", number: 1, ...text },
        { name: "count", number: 2, type: "TYPE_INT32" },
      ],
    },
  ],
  service: [
    {
      name: "SayService",
      method: [
        { name: "Say", ...sayMethod, options: publicPolicy },
        { name: "SayOften", ...sayMethod, options: publicPolicy, serverStreaming: true },
      ],
    },
  ],
};

// The imported files, which Plaza's own contracts import too.
const imported = new Map<string, DescFile>();
collect(EventService.file);

function collect(file: DescFile): void {
  imported.set(`${file.name}.proto`, file);
  for (const dependency of file.dependencies) collect(dependency);
}

const registry = createRegistry(...imported.values());
const proto = fromJson(FileDescriptorProtoSchema, file, { registry });
const compiled = createFileRegistry(proto, (name) => imported.get(name));

/**
 * A contract with features that Plaza's own contracts lack: maps, a oneof in a request, and messages nested in
 * messages of the same type. `Say` and `SayOften` are public.
 */
export const SayService = compiled.getService("plaza.test.v1.SayService") as GenService<{
  say: Say & { methodKind: "unary" };
  sayOften: Say & { methodKind: "server_streaming" };
}>;

/** The schema of SayRequest. */
export const SayRequestSchema = SayService.method.say.input;
