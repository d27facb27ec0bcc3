-- up
-- Users whose accounts were deleted, for good: one row for each. A write that was in progress then must leave nothing
-- of theirs.
create table deleted_user (
  user_id uuid primary key
);

-- down
drop table deleted_user;
