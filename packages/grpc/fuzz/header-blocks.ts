import { HpackEncoder, maxEncodedBytes } from "../hpack/encoder.ts";
import {
  indexingFields,
  malformedEnds,
  newestField,
  sizeUpdate,
  staticField,
  unindexedFields,
} from "../testing/hpack-fragments.ts";
import { type HeaderField, headerBlock, hpackInteger } from "../testing/messages.ts";
import { type FuzzRandom, mutateBytes } from "./random.ts";

/** Writes the header blocks of one peer for the duration of a connection. */
export type BlockWriter = (fields: readonly HeaderField[]) => Buffer;

/** A writer of plain literals, or one that uses the dynamic table and Huffman code. */
export function createBlockWriter(random: FuzzRandom): BlockWriter {
  if (random.chance(0.5)) return headerBlock;
  const encoder = new HpackEncoder();
  return (fields) => {
    const flat = fields.flat();
    const out = Buffer.alloc(maxEncodedBytes(flat));
    return out.subarray(0, encoder.encode(flat, out, 0));
  };
}

const overlongInteger = Buffer.alloc(12, 0xff);
const blockFragments: readonly Buffer[] = [
  ...[...indexingFields, ...unindexedFields, ...malformedEnds].map(({ bytes }) => bytes),
  ...[0, 1, 4_096, 4_097, 2 ** 31].map(sizeUpdate),
  ...[1, 61, 62, 63, 127, 2 ** 28, 2 ** 32, 2 ** 40].map((index) => hpackInteger(index, 7, 0x80)),
  staticField,
  newestField,
  overlongInteger,
  // A literal with a name, and one with a value, longer than the rest of the block.
  Buffer.concat([Buffer.of(0x40), hpackInteger(2 ** 24, 7)]),
  Buffer.concat([Buffer.of(0x41), hpackInteger(70_000, 7, 0x80)]),
  // One entry that is taken up whole, to be repeated by the byte.
  Buffer.concat([Buffer.of(0x40, 1, 0x61), hpackInteger(4_000, 7), Buffer.alloc(4_000, 0x62)]),
  Buffer.alloc(600, 0xbe),
];

/** The block with one thing wrong, or odd. */
export function mutatedBlock(random: FuzzRandom, bytes: Buffer): Buffer {
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([random.pick(blockFragments), bytes]);
    case 1:
      return Buffer.concat([bytes, random.pick(blockFragments)]);
    case 2: {
      const at = random.below(bytes.length + 1);
      return Buffer.concat([
        bytes.subarray(0, at),
        random.pick(blockFragments),
        bytes.subarray(at),
      ]);
    }
    case 3:
      return random.bytes(random.below(80));
    default:
      return mutateBytes(random, bytes);
  }
}
