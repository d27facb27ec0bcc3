-- up
-- What admins search in any part of: e-mail address, nickname and names, without case and accents, by kit/text.
alter table profile rename column search to search_text;

-- The words of nickname and names, computed by kit/text. Null, as is the number, until a job has indexed the row.
alter table profile add column search tsvector;

-- The order of search results. Older rows get descending numbers from 0, in the order of their ids.
create sequence profile_number_seq;
create sequence profile_old_number_seq increment -1 minvalue -9223372036854775807 maxvalue 0 start 0;
alter table profile add column number bigint;
alter table profile alter column number set default nextval('profile_number_seq');
create unique index profile_number on profile (number);
create index profile_unindexed on profile (id) where number is null;
-- The blocks of rows that a row belongs to are among its lexemes: see kit/text/search-blocks.ts.
create index profile_words on profile
  using gin ((search || array_to_tsvector(array[
    '#12/' || coalesce((number >> 12)::text, ''),
    '#16/' || coalesce((number >> 16)::text, ''),
    '#20/' || coalesce((number >> 20)::text, '')])));

-- down
drop index profile_words;
drop index profile_unindexed;
alter table profile drop column number;
drop sequence profile_old_number_seq;
drop sequence profile_number_seq;
alter table profile drop column search;
alter table profile rename column search_text to search;
