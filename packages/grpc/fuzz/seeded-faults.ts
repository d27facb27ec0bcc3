import { ClientCall } from "../client/client-call.ts";
import { Connection } from "../http2/connection.ts";
import { frameType } from "../http2/frames.ts";
import { HeaderAssembler } from "../http2/header-assembler.ts";
import { Sender } from "../http2/sender.ts";
import type { Stream } from "../http2/stream.ts";
import { ServerCall } from "../server/server-call.ts";

/** Faults that are put into a server or a client, to see that the fuzzer finds each of them. */
export const plants = {
  "server throws in a frame handler": () => {
    HeaderAssembler.prototype.continuation = () => {
      throw new Error("planted");
    };
  },
  "server crashes": () => {
    ServerCall.prototype.onAbort = () => {
      setImmediate(() => {
        throw new Error("planted");
      });
    };
  },
  "server hangs": () => {
    const { frame } = Sender.prototype;
    Sender.prototype.frame = function (type, ...rest) {
      if (type !== frameType.ping) frame.call(this, type, ...rest);
    };
  },
  "server leaks": () => {
    const kept: unknown[] = [];
    const { closeStream } = Connection.prototype;
    Connection.prototype.closeStream = function (stream: Stream) {
      kept.push(stream, new Uint8Array(16_384));
      closeStream.call(this, stream);
    };
  },
  "client hangs": () => {
    ClientCall.prototype.cancel = () => undefined;
  },
} as const;

/** The name of a fault to be planted; its first word says on which side. */
export type Plant = keyof typeof plants;

export const plantNames = Object.keys(plants) as Plant[];
