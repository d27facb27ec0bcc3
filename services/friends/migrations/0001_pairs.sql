-- up
-- What two people are to each other. One row holds both sides, so that no step can change only one.
create table pair (
  low_id uuid not null,
  high_id uuid not null,
  -- What high is to low, and what low is to high. Strangers have no row.
  low_relation text not null,
  high_relation text not null,
  -- Since when; null for none.
  low_since timestamptz(3),
  high_since timestamptz(3),
  primary key (low_id, high_id),
  constraint pair_order check (low_id < high_id),
  -- The last word on what two people can be.
  constraint pair_relations check (
    (low_relation, high_relation) in (
      ('outgoing', 'incoming'), ('incoming', 'outgoing'), ('confirmed', 'confirmed'),
      ('blocked', 'none'), ('none', 'blocked'), ('blocked', 'blocked')
    )
  ),
  constraint pair_since check (
    (low_relation = 'none') = (low_since is null) and (high_relation = 'none') = (high_since is null)
  )
);
create index pair_low on pair (low_id, low_relation, low_since desc, high_id desc);
create index pair_high on pair (high_id, high_relation, high_since desc, low_id desc);

-- Whose profile was deleted: a step that was on its way then must not bring them back.
create table departed (
  user_id uuid primary key
);

-- down
drop table departed;
drop table pair;
