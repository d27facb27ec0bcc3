import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Db, Tx } from "../db/database.ts";

/** An event to announce: the fact, and the id of the thing that it is about. */
export type OutboxEvent<T extends DescMessage> = {
  readonly init: MessageInitShape<T>;
  readonly aggregateId: string;
};

/**
 * Writes an event to the service's log, in the transaction of the change that it reports and after that
 * change: the lock on what was changed is what puts the events of one aggregate in order.
 */
export function publish<T extends DescMessage>(
  tx: Tx,
  schema: T,
  init: MessageInitShape<T>,
  aggregateId: string,
): Promise<void> {
  return publishAll(tx, schema, [{ init, aggregateId }]);
}

/** Writes several events of one type, in the order given, as one statement. */
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
 * Events as a table `announced (aggregate_id, type, payload, position)`, for a statement that makes a
 * change and announces it at once: four round trips become one, which is what a busy event loop waits
 * for.
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
  ) as announced`;
}
