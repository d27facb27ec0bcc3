import {
  type AnyDesc,
  createFileRegistry,
  type DescFile,
  type DescMessage,
} from "@bufbuild/protobuf";
import { qualifiedName } from "@bufbuild/protobuf/reflect";
import type { FileDescriptorSet } from "@bufbuild/protobuf/wkt";

/** The comment above an element of a .proto file, without comment signs. */
export type FindComment = (desc: AnyDesc) => string | undefined;

/**
 * Reads the comments out of descriptors that carry source information, as `buf build` and
 * `protoc --include_source_info` write them. Generated code carries none; elements are matched by name.
 */
export function commentsFrom(set: FileDescriptorSet): FindComment {
  const comments = new Map<string, string>();
  for (const file of createFileRegistry(set).files) collectFile(file, comments);
  return (desc) => comments.get(commentKey(desc));
}

function collectFile(file: DescFile, comments: Map<string, string>): void {
  const texts = new Map<string, string>();
  for (const { path, leadingComments } of file.proto.sourceCodeInfo?.location ?? []) {
    const text = leadingComments.replace(/^ /gm, "").trim();
    if (text !== "") texts.set(path.join("."), text);
  }
  const add = (desc: AnyDesc, path: string) => {
    const text = texts.get(path);
    if (text !== undefined) comments.set(commentKey(desc), text);
  };
  const { messageType, enumType } = file.proto;
  for (const one of file.messages) visitMessage(one, `4.${messageType.indexOf(one.proto)}`, add);
  for (const one of file.enums) visitEnum(one, `5.${enumType.indexOf(one.proto)}`, add);
  for (const [i, service] of file.services.entries()) {
    add(service, `6.${i}`);
    for (const [j, method] of service.methods.entries()) add(method, `6.${i}.2.${j}`);
  }
}

type AddComment = (desc: AnyDesc, path: string) => void;

/** The numbers are those of the fields of DescriptorProto, as SourceCodeInfo.Location.path has them. */
function visitMessage(message: DescMessage, path: string, add: AddComment): void {
  const { proto } = message;
  add(message, path);
  for (const field of message.fields) add(field, `${path}.2.${proto.field.indexOf(field.proto)}`);
  for (const one of message.oneofs) add(one, `${path}.8.${proto.oneofDecl.indexOf(one.proto)}`);
  for (const one of message.nestedEnums)
    visitEnum(one, `${path}.4.${proto.enumType.indexOf(one.proto)}`, add);
  for (const one of message.nestedMessages) {
    visitMessage(one, `${path}.3.${proto.nestedType.indexOf(one.proto)}`, add);
  }
}

function visitEnum(desc: DescMessage["nestedEnums"][number], path: string, add: AddComment): void {
  add(desc, path);
  for (const [i, value] of desc.values.entries()) add(value, `${path}.2.${i}`);
}

/** With the kind, because an enum value and a message may share a name. */
function commentKey(desc: AnyDesc): string {
  return `${desc.kind} ${qualifiedName(desc)}`;
}
