import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  SimpleRequestSchema,
  StreamingOutputCallRequestSchema,
} from "../gen/grpc/testing/messages_pb.ts";
import { uint32 } from "../testing/frames.ts";
import { type FuzzRandom, mutateBytes } from "./random.ts";

const payload = { body: new Uint8Array(40).fill(1) };

/** Messages that most methods take, as requests or as answers: one is as good as another here. */
const bodies: readonly Uint8Array[] = [
  new Uint8Array(),
  toBinary(SimpleRequestSchema, create(SimpleRequestSchema, { responseSize: 9, payload })),
  toBinary(
    SimpleRequestSchema,
    create(SimpleRequestSchema, { responseStatus: { code: 7, message: "100% no\n" } }),
  ),
  toBinary(
    StreamingOutputCallRequestSchema,
    create(StreamingOutputCallRequestSchema, {
      responseParameters: [{ size: 1 }, { size: 300 }],
      payload,
    }),
  ),
  new Uint8Array(3_000),
];

/** Zeros that are a thousand times as long once they are unpacked: past the limit of a message. */
const gzipBomb = gzipSync(Buffer.alloc(6_000_000));

/** One message as gRPC frames it. */
export function randomMessage(random: FuzzRandom): Buffer {
  const body = random.pick(bodies);
  return random.chance(0.1) ? frameMessage(1, gzipSync(body)) : frameMessage(0, body);
}

/** One message with something wrong in its prefix or in itself. */
export function mutateMessage(random: FuzzRandom): Buffer {
  const body = random.pick(bodies);
  const { length } = body;
  switch (random.below(6)) {
    case 0:
      return frameMessage(random.pick([1, 2, 0x80, 0xff]), body);
    case 1:
      return frameMessage(
        0,
        body,
        random.pick([0, length + 1, length - 1, 5_000_000, 2 ** 32 - 1]),
      );
    case 2:
      return frameMessage(0, mutateBytes(random, body));
    case 3:
      return frameMessage(1, random.chance(0.02) ? gzipBomb : mutateBytes(random, gzipSync(body)));
    case 4:
      return frameMessage(0, random.bytes(random.below(60)));
    default:
      return mutateBytes(random, frameMessage(0, body));
  }
}

function frameMessage(flags: number, body: Uint8Array, length = body.length): Buffer {
  return Buffer.concat([Buffer.of(flags), uint32(length), body]);
}
