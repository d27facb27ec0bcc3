-- up
-- Unread counts leave these out.
create index message_deleted on message (chat_id, number) where delete_time is not null;

-- down
drop index message_deleted;
