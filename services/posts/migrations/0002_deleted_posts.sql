-- up
-- Posts that were deleted, for good: one row for each, so that whoever follows an old link learns what became of it.
create table deleted_post (
  post_id uuid primary key
);

-- down
drop table deleted_post;
