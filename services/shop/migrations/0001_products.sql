-- up
create table product (
  id uuid primary key,
  name text not null,
  -- What lists by name go by.
  sort_name text not null,
  description text not null,
  price_minor bigint not null check (price_minor >= 0),
  currency text not null,
  -- The last word against selling what is not there.
  stock integer not null constraint product_stock check (stock >= 0),
  max_quantity smallint not null check (max_quantity between 1 and 99),
  picture_urls text[] not null,
  active boolean not null,
  -- 'simple' neither stems nor drops words, because nobody knows the language of a community.
  search tsvector not null generated always as (
    setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', description), 'B')
  ) stored,
  idempotency_key text,
  -- What the request with that key asked for, to tell a retry from another request.
  request_digest text,
  create_time timestamptz(3) not null,
  update_time timestamptz(3) not null
);
create index product_name on product (sort_name, id);
create index product_price on product (price_minor, id);
-- The same for what is on sale, so that a page never passes over what is retired.
create index product_active_newest on product (id) where active;
create index product_active_name on product (sort_name, id) where active;
create index product_active_price on product (price_minor, id) where active;
create index product_search on product using gin (search);
create unique index product_idempotency_key on product (idempotency_key)
  where idempotency_key is not null;

-- Every price a product has had.
create table price (
  product_id uuid not null references product (id),
  id uuid not null,
  price_minor bigint not null,
  currency text not null,
  start_time timestamptz(3) not null,
  primary key (product_id, id)
);

-- Restockings that can be repeated.
create table restock (
  product_id uuid not null references product (id),
  idempotency_key text not null,
  quantity integer not null,
  create_time timestamptz(3) not null,
  primary key (product_id, idempotency_key)
);

-- down
drop table restock;
drop table price;
drop table product;
