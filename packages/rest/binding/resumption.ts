import {
  type DescField,
  type DescMessage,
  type DescMethod,
  getOption,
  hasOption,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { resumption } from "../gen/rest/v1/resumption_pb.ts";
import { BindingError } from "./bindings.ts";
import { findField } from "./fields.ts";

/** How a position in a stream gets to the client and back: rest.v1.resumption. */
export type StreamResumption = {
  /** The id of the event that carries a message; empty when it has none. */
  eventId: (message: Message) => string;
  /** Has the stream go on after the event of this id. */
  resumeAfter: (request: Message, lastEventId: string) => void;
};

/** The resumption of a method, if it has one. Throws BindingError when it does not fit the method. */
export function resumptionOf(method: DescMethod): StreamResumption | undefined {
  if (!hasOption(method, resumption)) return undefined;
  const { eventId, lastEventId } = getOption(method, resumption);
  const given = stringField(method, method.output, eventId);
  const taken = stringField(method, method.input, lastEventId);
  if (method.methodKind !== "server_streaming") {
    throw new BindingError(method, "only a server stream can be resumed");
  }
  return {
    eventId: (message) => reflect(method.output, message).get(given) as string,
    resumeAfter: (request, id) => reflect(method.input, request).set(taken, id),
  };
}

function stringField(method: DescMethod, message: DescMessage, name: string): DescField {
  const field = findField(message, name);
  if (field?.fieldKind === "scalar" && field.scalar === ScalarType.STRING) return field;
  throw new BindingError(method, `"${name}" is no string field of ${message.typeName}`);
}
