-- up
-- How often one user has declined requests of another, from which the pause before the next one follows.
create table decline (
  requester_id uuid not null,
  decliner_id uuid not null,
  count integer not null,
  -- Of the last one.
  decline_time timestamptz(3) not null,
  primary key (requester_id, decliner_id)
);
create index decline_decliner on decline (decliner_id);
create index decline_time on decline (decline_time);

-- down
drop table decline;
