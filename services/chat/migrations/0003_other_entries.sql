-- up
-- They are few among thousands about messages.
create index entry_without_message on entry (chat_id, seq) where message_seq is null;

-- down
drop index entry_without_message;
