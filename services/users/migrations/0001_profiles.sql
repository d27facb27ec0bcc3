-- up
create extension if not exists pg_trgm;

create table profile (
  id uuid primary key,
  -- In lower case, so that it is unique whatever its case. In collation C its index serves prefixes.
  nickname text collate "C" not null,
  first_name text not null,
  last_name text not null,
  about text not null,
  avatar_url text not null,
  phone text not null,
  address text not null,
  contact_visibility smallint not null,
  email text not null,
  -- What admins search in: e-mail address, nickname and names, in lower case.
  search text not null,
  create_time timestamptz(3) not null,
  update_time timestamptz(3) not null
);
create unique index profile_nickname_key on profile (nickname);
create index profile_search on profile using gin (search gin_trgm_ops);

-- down
drop table profile;
drop extension pg_trgm;
