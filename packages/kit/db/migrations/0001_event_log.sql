-- up
-- What the service announces. Append-only.
create table event (
  sequence bigint generated always as identity primary key,
  transaction xid8 not null default pg_current_xact_id(),
  aggregate_id text not null,
  type text not null,
  payload bytea not null,
  announce_time timestamptz not null default clock_timestamp()
);
create index event_transaction on event (transaction);

-- How far the service has followed others.
create table event_cursor (
  source text primary key,
  seen text not null default '',
  target text not null default '',
  sequence bigint not null default 0
);

-- down
drop table event_cursor;
drop table event;
