import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Tx } from "../db/database.ts";

/** Handler of one event type of another service. */
export type EventHandler = {
  /** The publishing service. */
  readonly source: string;
  /** Schema of the event. */
  readonly event: DescMessage;
  /** Runs in the transaction that advances the cursor, so that each event takes effect exactly once. */
  handle(tx: Tx, event: never): Promise<void>;
};

/** Defines an event handler. A function, so that TypeScript checks the type of `event` against the schema. */
export function onEvent<T extends DescMessage>(
  source: string,
  event: T,
  handle: (tx: Tx, event: MessageShape<T>) => Promise<void>,
): EventHandler {
  return { source, event, handle: handle as EventHandler["handle"] };
}
