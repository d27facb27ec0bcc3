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
import { file_rest_v1_resumption } from "@plaza/rest/gen/rest/v1/resumption_pb";

/** A note on a board. */
export type Note = Message<"plaza.test.v1.Note"> & { board: string; text: string; cursor: string };

const text = { type: "TYPE_STRING" };
const note = { inputType: ".plaza.test.v1.Note", outputType: ".plaza.test.v1.Note" };
const open = { access: "ACCESS_PUBLIC" };
const members = { access: "ACCESS_MEMBER" };

function options(policy: JsonObject, http: JsonObject, more: JsonObject = {}) {
  return { "[plaza.kit.v1.policy]": policy, "[google.api.http]": http, ...more };
}

const resumption = { "[rest.v1.resumption]": { eventId: "cursor", lastEventId: "cursor" } };

const file = {
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
        { name: "board", jsonName: "board", number: 1, ...text },
        { name: "text", jsonName: "text", number: 2, ...text },
        { name: "cursor", jsonName: "cursor", number: 3, ...text },
      ],
    },
  ],
  service: [
    {
      name: "NoteService",
      method: [
        {
          name: "Watch",
          ...note,
          serverStreaming: true,
          options: options(open, { get: "/v1/boards/{board}:watch" }, resumption),
        },
        {
          name: "Pin",
          ...note,
          clientStreaming: true,
          options: options(members, { post: "/v1/boards/{board}:pin", body: "*" }),
        },
        {
          name: "Echo",
          ...note,
          clientStreaming: true,
          serverStreaming: true,
          options: options(open, { post: "/v1/boards/{board}:echo", body: "*" }),
        },
      ],
    },
  ],
};

const imported = new Map<string, DescFile>();
collect(AuthService.file);
collect(file_rest_v1_resumption);

function collect(desc: DescFile): void {
  imported.set(`${desc.name}.proto`, desc);
  for (const dependency of desc.dependencies) collect(dependency);
}

const registry = createRegistry(...imported.values());
const proto = fromJson(FileDescriptorProtoSchema, file, { registry });
const compiled = createFileRegistry(proto, (name) => imported.get(name));

type Notes = { input: GenMessage<Note>; output: GenMessage<Note> };

/** A contract with a stream of every kind, which Plaza's own contracts lack so far. Pinning is for members. */
export const NoteService = compiled.getService("plaza.test.v1.NoteService") as GenService<{
  watch: Notes & { methodKind: "server_streaming" };
  pin: Notes & { methodKind: "client_streaming" };
  echo: Notes & { methodKind: "bidi_streaming" };
}>;
