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
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { file_rest_v1_resumption } from "@plaza/rest/resumption";

/** A note on a board. */
export type Note = Message<"plaza.test.v1.Note"> & { board: string; text: string; cursor: string };

const stringField = { type: "TYPE_STRING" };
const noteTypes = { inputType: ".plaza.test.v1.Note", outputType: ".plaza.test.v1.Note" };
const publicPolicy = { access: "ACCESS_PUBLIC" };
const memberPolicy = { access: "ACCESS_MEMBER" };

function methodOptions(policy: JsonObject, http: JsonObject, more: JsonObject = {}) {
  return { "[plaza.kit.v1.policy]": policy, "[google.api.http]": http, ...more };
}

const resumption = { "[rest.v1.resumption]": { eventId: "cursor", lastEventId: "cursor" } };

const notesProto = {
  name: "plaza/test/v1/notes.proto",
  package: "plaza.test.v1",
  syntax: "proto3",
  dependency: [
    "google/api/annotations.proto",
    "plaza/kit/v1/options.proto",
    "rest/v1/resumption.proto",
  ],
  messageType: [
    {
      name: "Note",
      field: [
        { name: "board", jsonName: "board", number: 1, ...stringField },
        { name: "text", jsonName: "text", number: 2, ...stringField },
        { name: "cursor", jsonName: "cursor", number: 3, ...stringField },
      ],
    },
  ],
  service: [
    {
      name: "NoteService",
      method: [
        {
          name: "Watch",
          ...noteTypes,
          serverStreaming: true,
          options: methodOptions(publicPolicy, { get: "/v1/boards/{board}:watch" }, resumption),
        },
        {
          name: "Pin",
          ...noteTypes,
          clientStreaming: true,
          options: methodOptions(memberPolicy, { post: "/v1/boards/{board}:pin", body: "*" }),
        },
        {
          name: "Echo",
          ...noteTypes,
          clientStreaming: true,
          serverStreaming: true,
          options: methodOptions(publicPolicy, { post: "/v1/boards/{board}:echo", body: "*" }),
        },
      ],
    },
  ],
};

const importedFiles = new Map<string, DescFile>();
collectImports(AuthService.file);
collectImports(file_rest_v1_resumption);

function collectImports(desc: DescFile): void {
  importedFiles.set(`${desc.name}.proto`, desc);
  for (const dependency of desc.dependencies) collectImports(dependency);
}

const registry = createRegistry(...importedFiles.values());
const proto = fromJson(FileDescriptorProtoSchema, notesProto, { registry });
const compiled = createFileRegistry(proto, (name) => importedFiles.get(name));

type NoteTypes = { input: GenMessage<Note>; output: GenMessage<Note> };

/** A contract with a stream of every kind, which Plaza's own contracts lack. `Pin` is for members only. */
export const NoteService = compiled.getService("plaza.test.v1.NoteService") as GenService<{
  watch: NoteTypes & { methodKind: "server_streaming" };
  pin: NoteTypes & { methodKind: "client_streaming" };
  echo: NoteTypes & { methodKind: "bidi_streaming" };
}>;
