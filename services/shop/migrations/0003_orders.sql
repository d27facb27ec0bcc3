-- up
create table shop_order (
  id uuid primary key,
  -- Null when the buyer's account was deleted.
  user_id uuid,
  state text not null check (
    state in ('pending_payment', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded')
  ),
  total_minor bigint not null,
  currency text not null,
  payment_method text not null,
  delivery_name text not null,
  delivery_address text not null,
  note text not null,
  idempotency_key text not null,
  -- What the request with that key asked for, to tell a retry from another request.
  request_digest text not null,
  expire_time timestamptz(3) not null,
  create_time timestamptz(3) not null,
  update_time timestamptz(3) not null
);
create index shop_order_user on shop_order (user_id, id desc);
create index shop_order_user_state on shop_order (user_id, state, id desc);
create index shop_order_state on shop_order (state, id);
create index shop_order_expire_time on shop_order (expire_time) where state = 'pending_payment';
create unique index shop_order_idempotency_key on shop_order (user_id, idempotency_key);

create table order_item (
  order_id uuid not null references shop_order (id),
  product_id uuid not null references product (id),
  name text not null,
  quantity smallint not null check (quantity between 1 and 99),
  price_minor bigint not null,
  -- Its place in the order.
  position smallint not null,
  primary key (order_id, product_id)
);

-- No step is taken twice: the last word against freeing the same goods again.
create table order_step (
  order_id uuid not null references shop_order (id),
  state text not null,
  actor text not null check (actor in ('buyer', 'admin', 'shop')),
  note text not null,
  position smallint not null,
  create_time timestamptz(3) not null,
  constraint order_step_once primary key (order_id, state)
);

-- Buyers whose accounts were deleted lately. What they had under way at that moment is forgotten after it.
create table former_buyer (
  user_id uuid primary key,
  leave_time timestamptz(3) not null
);
create index former_buyer_leave_time on former_buyer (leave_time);

-- down
drop table former_buyer;
drop table order_step;
drop table order_item;
drop table shop_order;
