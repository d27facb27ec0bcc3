import type { DescMethod } from "@bufbuild/protobuf";

/** The full name of a method, as in gRPC paths: `plaza.posts.v1.PostService/CreatePost`. */
export function methodName(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}
