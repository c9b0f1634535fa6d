-- Records of which it is known until when they are kept (an open page, tries of late): when that is over.
create index rows_over on rows (school, ord) where tbl = 'records' and ord > 0;

-- What was removed lies on in its page until the table is vacuumed: a key that was shredded should not for long.
-- A hundredth of the rows where the database waits for a fifth; of keys that follow each other at once.
alter table rows set (autovacuum_vacuum_scale_factor = 0.01);
alter table keyring set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0);
