import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Db, Tx } from "../db/database.ts";

/** An event to publish, with the id of its aggregate. */
export type OutboxEvent<T extends DescMessage> = {
  readonly init: MessageInitShape<T>;
  readonly aggregateId: string;
};

/**
 * Inserts an event into the outbox, in the transaction of the change and after it: the row lock of the change
 * puts the events of one aggregate in order.
 */
export function publish<T extends DescMessage>(
  tx: Tx,
  schema: T,
  init: MessageInitShape<T>,
  aggregateId: string,
): Promise<void> {
  return publishAll(tx, schema, [{ init, aggregateId }]);
}

/** Inserts several events of one type, in the given order, with one statement. */
export async function publishAll<T extends DescMessage>(
  tx: Tx,
  schema: T,
  events: readonly OutboxEvent<T>[],
): Promise<void> {
  await tx`
    insert into event (aggregate_id, type, payload)
    select aggregate_id, type, payload from ${outboxRows(tx, schema, events)} order by position`;
}

/**
 * The events as a table expression `outbox (aggregate_id, type, payload, position)`, for a statement that
 * changes rows and publishes at once: one round trip instead of four.
 */
export function outboxRows<T extends DescMessage>(
  db: Db,
  schema: T,
  events: readonly OutboxEvent<T>[],
) {
  const aggregates = events.map(({ aggregateId }) => aggregateId);
  const payloads = events.map(({ init }) => toBinary(schema, create(schema, init)));
  return db`(
    select aggregate_id, ${schema.typeName}::text as type, payload, position
    from unnest(${aggregates}::text[], ${payloads}::bytea[]) with ordinality
      as listed(aggregate_id, payload, position)
  ) as outbox`;
}
