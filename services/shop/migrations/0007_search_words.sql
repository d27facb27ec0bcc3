-- up
-- The words of name and description, computed by kit/text. Null, as is the number, until a job has indexed the row.
drop index product_search;
alter table product drop column search;
alter table product add column search tsvector;

-- The order of search results. Older rows get descending numbers from 0, in the order of their ids.
create sequence product_number_seq;
create sequence product_old_number_seq increment -1 minvalue -9223372036854775807 maxvalue 0 start 0;
alter table product add column number bigint;
alter table product alter column number set default nextval('product_number_seq');
create unique index product_number on product (number);
create index product_unindexed on product (id) where number is null;
-- The blocks of rows that a row belongs to are among its lexemes: see kit/text/search-blocks.ts.
create index product_search on product
  using gin ((search || array_to_tsvector(array[
    '#12/' || coalesce((number >> 12)::text, ''),
    '#16/' || coalesce((number >> 16)::text, ''),
    '#20/' || coalesce((number >> 20)::text, '')])));

-- The name without case and accents, by kit/text, so that its order is the same on every server.
alter table product alter column sort_name type text collate "C";

-- down
alter table product alter column sort_name type text collate "default";
drop index product_search;
drop index product_unindexed;
alter table product drop column number;
drop sequence product_old_number_seq;
drop sequence product_number_seq;
alter table product drop column search;
alter table product add column search tsvector not null generated always as (
  setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', description), 'B')
) stored;
create index product_search on product using gin (search);
