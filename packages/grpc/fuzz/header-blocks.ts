import { HpackEncoder, sizeBound } from "../hpack/encoder.ts";
import {
  indexingFields,
  malformedEnds,
  newestField,
  passingFields,
  sizeUpdate,
  staticField,
} from "../testing/hpack-fragments.ts";
import { block, type Field, integer } from "../testing/messages.ts";
import { mutatedBytes, type Random } from "./random.ts";

/** Writes header blocks, the way one peer does for the length of a connection. */
export type BlockWriter = (fields: readonly Field[]) => Buffer;

/** A writer of plain literals, or one that uses the dynamic table and Huffman code. */
export function createBlockWriter(random: Random): BlockWriter {
  if (random.chance(0.5)) return block;
  const encoder = new HpackEncoder();
  return (fields) => {
    const flat = fields.flat();
    const out = Buffer.alloc(sizeBound(flat));
    return out.subarray(0, encoder.encode(flat, out, 0));
  };
}

const endless = Buffer.alloc(12, 0xff);
const pieces: readonly Buffer[] = [
  ...[...indexingFields, ...passingFields, ...malformedEnds].map(({ bytes }) => bytes),
  ...[0, 1, 4_096, 4_097, 2 ** 31].map(sizeUpdate),
  ...[1, 61, 62, 63, 127, 2 ** 28, 2 ** 32, 2 ** 40].map((index) => integer(index, 7, 0x80)),
  staticField,
  newestField,
  endless,
  // A literal whose name, and one whose value, is longer than all that follows.
  Buffer.concat([Buffer.of(0x40), integer(2 ** 24, 7)]),
  Buffer.concat([Buffer.of(0x41), integer(70_000, 7, 0x80)]),
  // One entry that is taken up whole, to be repeated by the byte.
  Buffer.concat([Buffer.of(0x40, 1, 0x61), integer(4_000, 7), Buffer.alloc(4_000, 0x62)]),
  Buffer.alloc(600, 0xbe),
];

/** The block with one thing wrong, or odd. */
export function mutatedBlock(random: Random, bytes: Buffer): Buffer {
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([random.pick(pieces), bytes]);
    case 1:
      return Buffer.concat([bytes, random.pick(pieces)]);
    case 2: {
      const at = random.below(bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, at), random.pick(pieces), bytes.subarray(at)]);
    }
    case 3:
      return random.bytes(random.below(80));
    default:
      return mutatedBytes(random, bytes);
  }
}
