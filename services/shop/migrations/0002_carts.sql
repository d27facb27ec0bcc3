-- up
create table cart (
  id uuid primary key,
  user_id uuid constraint cart_user unique,
  -- Of an anonymous cart: the SHA-256 of the secret that it is known by.
  token_hash bytea constraint cart_token unique,
  -- Grows with every write.
  version bigint not null,
  update_time timestamptz(3) not null,
  check ((user_id is null) <> (token_hash is null))
);
create index cart_anonymous on cart (update_time) where user_id is null;

create table cart_item (
  cart_id uuid not null references cart (id) on delete cascade,
  product_id uuid not null references product (id),
  quantity smallint not null check (quantity between 1 and 99),
  -- The price that the buyer saw when the quantity was last set.
  added_price_minor bigint not null,
  -- The version of the cart that it came with.
  position bigint not null,
  primary key (cart_id, product_id)
);

-- Writes that can be repeated.
create table cart_write (
  cart_id uuid not null references cart (id) on delete cascade,
  idempotency_key text not null,
  request_digest text not null,
  create_time timestamptz(3) not null,
  primary key (cart_id, idempotency_key)
);
create index cart_write_create_time on cart_write (create_time);

-- down
drop table cart_write;
drop table cart_item;
drop table cart;
