-- up
-- The words of the text, computed by kit/text; null until a job has indexed the row.
drop index message_search;
alter table message drop column search;
alter table message add column search tsvector;
create index message_unindexed on message (create_time) where search is null;
-- The chat, and the block of 16,384 entries that a message belongs to, are one of its lexemes, which no text can
-- contain: see store/search-messages.ts.
create index message_search on message
  using gin ((search || array_to_tsvector(array['#' || chat_id::text || '/' || (seq >> 14)::text])));

-- down
drop index message_search;
drop index message_unindexed;
alter table message drop column search;
alter table message add column search tsvector not null generated always as (
  to_tsvector('simple', text) || array_to_tsvector(array[chat_id::text])
) stored;
create index message_search on message using gin (search);
