-- up
-- The words of title and body, computed by kit/text. Null, as is the number, until a job has indexed the row.
drop index post_search;
alter table post drop column search;
alter table post add column search tsvector;

-- The order of search results. Older rows get descending numbers from 0, in the order of their ids.
create sequence post_number_seq;
create sequence post_old_number_seq increment -1 minvalue -9223372036854775807 maxvalue 0 start 0;
alter table post add column number bigint;
alter table post alter column number set default nextval('post_number_seq');
create unique index post_number on post (number);
create index post_unindexed on post (id) where number is null;
-- The blocks of rows that a row belongs to are among its lexemes: see kit/text/search-blocks.ts.
create index post_search on post
  using gin ((search || array_to_tsvector(array[
    '#12/' || coalesce((number >> 12)::text, ''),
    '#16/' || coalesce((number >> 16)::text, ''),
    '#20/' || coalesce((number >> 20)::text, '')])));

-- down
drop index post_search;
drop index post_unindexed;
alter table post drop column number;
drop sequence post_old_number_seq;
drop sequence post_number_seq;
alter table post drop column search;
alter table post add column search tsvector not null generated always as (
  setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')
) stored;
create index post_search on post using gin (search);
