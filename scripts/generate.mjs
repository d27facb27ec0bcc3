// Writes proto/vendor/ (the .proto files that ours import: Google's as packages/rest has them, protovalidate's
// out of its npm package), generates the gen/ folders of packages, and compiles the texts of the site.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { file_buf_validate_validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { printProto } from "./print-proto.mjs";
import { root } from "./setup.mjs";

process.chdir(root);
rmSync("proto/vendor", { recursive: true, force: true });
cpSync("packages/rest/proto", "proto/vendor", { recursive: true });
mkdirSync("proto/vendor/buf/validate", { recursive: true });
writeFileSync("proto/vendor/buf/validate/validate.proto", printProto(file_buf_validate_validate));

rmSync("packages/contract/gen", { recursive: true, force: true });
rmSync("packages/grpc/gen", { recursive: true, force: true });
rmSync("packages/rest/gen", { recursive: true, force: true });
buf("generate");
buf("generate", "--template", "packages/grpc/buf.gen.yaml");
buf("generate", "--template", "packages/rest/buf.gen.yaml");
// With source information, so that the comments of the contract can become its documentation.
buf("build", "--output", "packages/contract/gen/plaza.binpb");
await import("../apps/web/compile-messages.ts");

function buf(...args) {
  const { status } = spawnSync("node_modules/.bin/buf", args, { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
