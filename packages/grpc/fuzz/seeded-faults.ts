import { ClientCall } from "../client/client-call.ts";
import { Http2Connection } from "../http2/connection.ts";
import { FrameSender } from "../http2/frame-sender.ts";
import { frameType } from "../http2/frames.ts";
import { HeaderAssembler } from "../http2/header-assembler.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { ServerCall } from "../server/server-call.ts";

/** Faults that are put into a server or a client, to see that the fuzzer finds each of them. */
export const seededFaults = {
  "server throws in a frame handler": () => {
    HeaderAssembler.prototype.onContinuation = () => {
      throw new Error("a seeded fault");
    };
  },
  "server crashes": () => {
    ServerCall.prototype.onAbort = () => {
      setImmediate(() => {
        throw new Error("a seeded fault");
      });
    };
  },
  "server hangs": () => {
    const { writeFrame } = FrameSender.prototype;
    FrameSender.prototype.writeFrame = function (type, ...rest) {
      if (type !== frameType.ping) writeFrame.call(this, type, ...rest);
    };
  },
  "server leaks": () => {
    const kept: unknown[] = [];
    const { closeStream } = Http2Connection.prototype;
    Http2Connection.prototype.closeStream = function (stream: Http2Stream) {
      kept.push(stream, new Uint8Array(16_384));
      closeStream.call(this, stream);
    };
  },
  "client hangs": () => {
    ClientCall.prototype.cancel = () => undefined;
  },
} as const;

/** The name of a fault; its first word says which side has it. */
export type SeededFault = keyof typeof seededFaults;

export const seededFaultNames = Object.keys(seededFaults) as SeededFault[];
