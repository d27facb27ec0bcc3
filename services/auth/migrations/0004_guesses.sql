-- up
-- Wrong passwords, counted by what they were aimed at and by where they came from. The keys are
-- hashes: neither logins nor addresses can be read here.
create table guess (
  key bytea primary key,
  failures integer not null,
  -- No further guess before.
  block_time timestamptz(3) not null,
  -- The count starts anew after.
  forget_time timestamptz(3) not null
);
create index guess_forget_time on guess (forget_time);

-- Where an account was signed in from. Guesses made elsewhere do not keep its owner out there.
create table known_address (
  account_id uuid not null references account (id) on delete cascade,
  address_hash bytea not null,
  use_time timestamptz(3) not null,
  primary key (account_id, address_hash)
);
create index known_address_use_time on known_address (use_time);

-- down
drop table known_address;
drop table guess;
