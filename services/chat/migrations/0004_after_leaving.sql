-- up
-- Whose profile was deleted: what was on its way then must not bring them back.
create table departed (
  user_id uuid primary key
);

-- The last entry about the message. Somebody who was removed before it is not told what it says now.
alter table message add column changed_seq integer;
update message set changed_seq = last.seq
from (select chat_id, message_seq, max(seq) as seq from entry group by 1, 2) as last
where last.chat_id = message.chat_id and last.message_seq = message.seq;
alter table message alter column changed_seq set not null;

-- down
alter table message drop column changed_seq;
drop table departed;
