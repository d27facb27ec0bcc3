import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import type { StreamingOutputCallRequest } from "@plaza/grpc/testing";

/** The response of every contender: about 700 bytes, as a post of the site. */
export const samplePost = create(PostSchema, {
  id: "0190163d-8694-739b-aea5-966c26f8ad90",
  authorId: "0190163d-8694-739b-aea5-966c26f8ad91",
  title: "Hello, world of gRPC",
  body: "Lorem ipsum dolor sit amet, ".repeat(20),
  createTime: timestampFromMs(1_700_000_000_000),
  updateTime: timestampFromMs(1_700_000_000_000),
});

const bodiesBySize = new Map<number, Uint8Array>();

/** A payload of the given size, created once for each size. */
export function payloadOf(size: number): { body: Uint8Array } {
  return { body: bodiesBySize.getOrInsertComputed(size, () => new Uint8Array(size)) };
}

/** The response to one message of a stream: as many bytes as it requests, or no field. */
export function echoResponse({ responseParameters: [requested] }: StreamingOutputCallRequest) {
  return requested ? { payload: payloadOf(requested.size) } : {};
}
