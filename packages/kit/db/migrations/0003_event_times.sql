-- up
-- Finds where the events of the last minutes begin. The log is in the order of time, which this index takes for granted:
-- it has one entry for each 128 pages.
create index event_announce_time on event using brin (announce_time);

-- down
drop index event_announce_time;
