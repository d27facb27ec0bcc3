-- up
-- Deleted buyers are those of kit's table.
insert into deleted_user (user_id) select user_id from former_buyer on conflict do nothing;
drop table former_buyer;

-- down
create table former_buyer (
  user_id uuid primary key,
  leave_time timestamptz(3) not null
);
create index former_buyer_leave_time on former_buyer (leave_time);
insert into former_buyer (user_id, leave_time) select user_id, now() from deleted_user;
