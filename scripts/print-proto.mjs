// Prints a file descriptor as .proto source. Options are left out: this is for dependencies whose
// packages carry a descriptor but no source, and whose options matter to nobody but themselves.
import { ScalarType } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type } from "@bufbuild/protobuf/wkt";

const { GROUP } = FieldDescriptorProto_Type;

/** The .proto source of a proto2 or proto3 file, given as DescFile of protobuf-es. */
export function printProto(file) {
  const lines = [`syntax = "${file.proto.syntax || "proto2"}";`, `package ${file.proto.package};`];
  for (const dependency of file.proto.dependency) lines.push(`import "${dependency}";`);
  for (const message of file.messages) lines.push(...printMessage(message));
  for (const one of file.enums) lines.push(...printEnum(one));
  for (const extension of file.extensions) {
    lines.push(`extend .${extension.extendee.typeName} {`, printField(extension, file), "}");
  }
  return `${lines.join("\n")}\n`;
}

function printMessage(message) {
  const lines = [`message ${message.name} {`];
  for (const nested of message.nestedMessages) {
    if (!nested.proto.options?.mapEntry) lines.push(...printMessage(nested));
  }
  for (const one of message.nestedEnums) lines.push(...printEnum(one));
  for (const field of message.fields) {
    if (!field.oneof) lines.push(printField(field, message.file));
  }
  for (const oneof of message.oneofs) {
    lines.push(
      `oneof ${oneof.name} {`,
      ...oneof.fields.map((field) => printField(field, undefined)),
      "}",
    );
  }
  for (const { start, end } of message.proto.extensionRange) {
    lines.push(`extensions ${start} to ${end >= 0x20000000 ? "max" : end - 1};`);
  }
  return [...lines, "}"];
}

function printEnum(one) {
  return [`enum ${one.name} {`, ...one.values.map((v) => `${v.name} = ${v.number};`), "}"];
}

function printField(field, file) {
  const { proto } = field;
  if (proto.type === GROUP) throw new Error(`${field.name}: groups are not supported`);
  const repeated = proto.label === FieldDescriptorProto_Label.REPEATED;
  const optional = file && (file.proto.syntax || "proto2") === "proto2" ? "optional " : "";
  const label = repeated ? "repeated " : proto.proto3Optional ? "optional " : optional;
  const type = proto.typeName || ScalarType[proto.type].toLowerCase();
  return `${label}${type} ${proto.name} = ${proto.number};`;
}
