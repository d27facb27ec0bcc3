-- up
-- Whether personal data of a deleted buyer is kept, because the order is not closed or has just been.
alter table shop_order add column erasure_due boolean not null default false;
create index shop_order_erasure_due on shop_order (id) where erasure_due;

-- down
drop index shop_order_erasure_due;
alter table shop_order drop column erasure_due;
