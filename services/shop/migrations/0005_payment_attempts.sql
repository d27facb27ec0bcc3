-- up
alter table shop_order drop constraint shop_order_state_check;
alter table shop_order add constraint shop_order_state_check check (
  state in (
    'pending_payment', 'confirming', 'paid', 'shipped', 'delivered', 'cancelled', 'refunding', 'refunded'
  )
);

-- A declined payment can be attempted again. No other step is taken twice: the last word against freeing the
-- same goods, or moving the same money, again.
alter table order_step drop constraint order_step_once;
alter table order_step add constraint order_step_position primary key (order_id, position);
create unique index order_step_once on order_step (order_id, state)
  where state not in ('pending_payment', 'confirming');

-- What a payment provider was asked to do, written down before it is asked.
create table payment_attempt (
  order_id uuid not null references shop_order (id),
  kind text not null check (kind in ('confirm', 'refund')),
  number integer not null,
  call_count integer not null,
  -- Null while there is no result.
  outcome text check (outcome in ('done', 'declined')),
  problem text not null,
  is_calling boolean not null,
  -- Null while it waits for an admin.
  next_call_time timestamptz(3),
  create_time timestamptz(3) not null,
  primary key (order_id, kind, number)
);
-- The last word against two attempts at once.
create unique index payment_attempt_open on payment_attempt (order_id, kind) where outcome is null;
create index payment_attempt_next_call on payment_attempt (next_call_time) where outcome is null;

-- down
drop table payment_attempt;
delete from order_step where state in ('confirming', 'refunding');
drop index order_step_once;
alter table order_step drop constraint order_step_position;
-- Fails while an order waits for a provider, or was declined once: nothing before this version could finish it.
alter table order_step add constraint order_step_once primary key (order_id, state);
alter table shop_order drop constraint shop_order_state_check;
alter table shop_order add constraint shop_order_state_check check (
  state in ('pending_payment', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded')
);
