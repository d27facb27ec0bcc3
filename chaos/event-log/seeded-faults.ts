import type { Pool } from "@plaza/kit/db/database";
import {
  type LogReader,
  lateCommit,
  lateLock,
  sequenceReader,
  transactionOrderReader,
} from "@plaza/kit/testing/events";

/** A faulty reader, and the interleaving at which it fails. */
export type ReaderFault = {
  readonly createReader: (db: Pool) => LogReader;
  readonly interleave: (db: Pool, read: () => Promise<void>) => Promise<void>;
};

const pageSize = 10;

/** Faults that the checker must detect. */
export const seededFaults: Readonly<Record<string, ReaderFault>> = {
  "reads in the order of sequences": {
    createReader: (db) => sequenceReader(db, pageSize),
    interleave: lateCommit,
  },
  "reads in the order of transaction ids": {
    createReader: (db) => transactionOrderReader(db, pageSize),
    interleave: lateLock,
  },
};
