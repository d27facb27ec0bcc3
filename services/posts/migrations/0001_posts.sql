-- up
create table post (
  id uuid primary key,
  author_id uuid not null,
  title text not null,
  body text not null,
  excerpt text not null,
  -- 'simple' neither stems nor drops words, because nobody knows the language of a community.
  search tsvector not null generated always as (
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')
  ) stored,
  idempotency_key text,
  -- What the request with that key asked for, to tell a retry from another request.
  request_digest text,
  create_time timestamptz(3) not null,
  update_time timestamptz(3) not null
);
create index post_author on post (author_id, id desc);
create index post_search on post using gin (search);
create unique index post_idempotency_key on post (author_id, idempotency_key)
  where idempotency_key is not null;

-- down
drop table post;
