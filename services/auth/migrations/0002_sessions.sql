-- up
-- A session that has ended has no row.
create table session (
  id uuid primary key,
  account_id uuid not null references account (id) on delete cascade,
  kind text not null check (kind in ('tokens', 'cookie')),
  -- Secrets are kept as their SHA-256 only.
  secret_hash bytea not null constraint session_secret unique,
  -- The rotating part of the refresh token: the one in force, and the one before it with what the
  -- one in force was derived from it with.
  token_hash bytea,
  used_token_hash bytea,
  salt bytea,
  rotate_time timestamptz(3),
  user_agent text not null,
  address text not null,
  create_time timestamptz(3) not null,
  last_use_time timestamptz(3) not null,
  expire_time timestamptz(3) not null,
  check ((kind = 'tokens') = (token_hash is not null))
);
create index session_account on session (account_id, id desc);
create index session_expire_time on session (expire_time);

-- down
drop table session;
