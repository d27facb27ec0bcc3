-- up
create table message (
  chat_id uuid not null references chat (id),
  seq integer not null,
  number integer not null,
  -- Null when the sender's account was deleted.
  sender_id uuid,
  text text not null,
  -- 'simple' neither stems nor drops words, because nobody knows the language of a community. The chat is
  -- one of the words, so that one look-up in the index finds those of one chat.
  search tsvector not null generated always as (
    to_tsvector('simple', text) || array_to_tsvector(array[chat_id::text])
  ) stored,
  reply_to_seq integer not null,
  idempotency_key text not null,
  -- What the request with that key asked for, to tell a retry from another request.
  request_digest text not null,
  create_time timestamptz(3) not null,
  edit_time timestamptz(3),
  delete_time timestamptz(3),
  primary key (chat_id, seq)
);
-- The last word against saying the same twice.
create unique index message_idempotency_key on message (chat_id, sender_id, idempotency_key);
create index message_search on message using gin (search);

create table reaction (
  chat_id uuid not null,
  message_seq integer not null,
  user_id uuid not null,
  emoji text not null,
  -- The entry that put it there.
  seq integer not null,
  primary key (chat_id, message_seq, user_id, emoji),
  foreign key (chat_id, message_seq) references message (chat_id, seq)
);

-- The log of each chat. The key is the last word against a position given out twice.
create table entry (
  chat_id uuid not null references chat (id),
  seq integer not null,
  type text not null,
  -- Null when that account was deleted.
  user_id uuid,
  message_seq integer,
  member_ids uuid[] not null,
  role text,
  title text,
  create_time timestamptz(3) not null,
  -- By which processes find what is new to them.
  transaction xid8 not null default pg_current_xact_id(),
  primary key (chat_id, seq)
);
create index entry_transaction on entry (transaction);

-- down
drop table entry;
drop table reaction;
drop table message;
