-- up
create table friend (
  id uuid primary key,
  owner_id uuid not null,
  text text not null,
  idempotency_key text,
  create_time timestamptz(3) not null
);
create unique index friend_idempotency_key on friend (owner_id, idempotency_key)
  where idempotency_key is not null;

-- down
drop table friend;
