-- Records of which it is known until when they are kept (an open page, tries of late): when that is over.
create index rows_over on rows (school, ord) where tbl = 'records' and ord > 0;
