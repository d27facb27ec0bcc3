-- up
-- Deleted users are those of kit's table.
insert into deleted_user (user_id) select user_id from departed on conflict do nothing;
drop table departed;

-- down
create table departed (
  user_id uuid primary key
);
insert into departed (user_id) select user_id from deleted_user;
