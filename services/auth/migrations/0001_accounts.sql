-- up
create table account (
  id uuid primary key,
  -- In lower case.
  email text not null constraint account_email unique,
  -- A PHC string.
  password_hash text not null,
  state text not null check (state in ('pending', 'active', 'deactivated')),
  roles text[] not null,
  -- The attempt at registering that holds the row, and until when; only while pending.
  claim_id uuid,
  claim_until timestamptz(3),
  create_time timestamptz(3) not null,
  check ((state = 'pending') = (claim_id is not null)),
  check ((state = 'pending') = (claim_until is not null))
);
create index account_pending on account (claim_until) where state = 'pending';
create index account_admin on account (id) where 'admin' = any (roles);

-- Profiles that a registration may have left behind at users, until they are certainly gone.
create table abandoned_profile (
  id uuid primary key,
  abandon_time timestamptz(3) not null
);

-- down
drop table abandoned_profile;
drop table account;
