-- up
-- Who does not want to be found by whom, as friends announces it.
create table block (
  blocked_id uuid not null,
  blocker_id uuid not null,
  primary key (blocked_id, blocker_id)
);

-- down
drop table block;
