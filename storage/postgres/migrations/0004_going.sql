-- Of which cases it was said that they go soon. Of one that was kept before this nobody knows: it is looked at.
alter table listed add column going boolean not null default true;
create index listed_going on listed (school, opened desc, id desc) where going;
