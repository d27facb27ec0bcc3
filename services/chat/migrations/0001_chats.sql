-- up
create table chat (
  id uuid primary key,
  kind text not null check (kind in ('direct', 'group')),
  title text not null,
  -- Of a direct chat: the two, the lesser id first.
  low_user_id uuid,
  high_user_id uuid,
  -- The position of the newest entry. Who holds this row gives out the next.
  last_seq integer not null,
  message_count integer not null,
  member_count integer not null,
  -- Of a group: who made it under which key.
  creator_id uuid,
  idempotency_key text,
  request_digest text,
  create_time timestamptz(3) not null,
  active_time timestamptz(3) not null,
  check ((kind = 'direct') = (low_user_id is not null and high_user_id is not null))
  -- Room on each page for the next version of the rows on it, as every entry writes one.
) with (fillfactor = 70);
create unique index chat_pair on chat (low_user_id, high_user_id) where kind = 'direct';
create unique index chat_idempotency_key on chat (creator_id, idempotency_key)
  where idempotency_key is not null;

-- From which entry to which somebody was in a chat; one row for each time.
create table membership (
  chat_id uuid not null references chat (id),
  user_id uuid not null,
  from_seq integer not null,
  -- Null for as long as it lasts.
  until_seq integer,
  role text not null check (role in ('member', 'moderator', 'owner')),
  read_number integer not null,
  primary key (chat_id, user_id, from_seq)
) with (fillfactor = 70);
create unique index membership_open on membership (chat_id, user_id) where until_seq is null;
create index membership_user on membership (user_id, chat_id);

-- Who blocks whom, as friends announces it.
create table block (
  user_id uuid not null,
  other_id uuid not null,
  primary key (user_id, other_id)
);

-- down
drop table block;
drop table membership;
drop table chat;
