-- What is kept, sealed. Text is compared byte by byte, as everywhere else.
create table rows (
  n bigint generated always as identity,
  school text collate "C" not null,
  tbl text collate "C" not null,
  id text collate "C" not null,
  version integer not null,
  parent text collate "C",
  ord bigint not null,
  key text not null,
  body bytea not null,
  primary key (school, tbl, id)
);
create index rows_parent on rows (school, tbl, parent, ord, n) where parent is not null;
create index rows_handled on rows (school, ord) where tbl = 'handled';
create unique index rows_one_open_draft on rows (school, parent) where tbl = 'drafts';

create table counters (
  school text collate "C" not null,
  name text collate "C" not null,
  value bigint not null,
  primary key (school, name)
);

-- What lists find a case by; words that people made are keyed hashes.
create table listed (
  school text collate "C" not null,
  id text collate "C" not null,
  opened bigint not null,
  closed bigint,
  shut boolean not null,
  reporter text collate "C" not null,
  marks text[] not null,
  primary key (school, id)
);
create index listed_all on listed (school, opened desc, id desc);
create index listed_open on listed (school, opened desc, id desc) where not shut;
create index listed_closed on listed (school, closed) where shut;
create index listed_reporter on listed (school, reporter, opened desc, id desc);
create index listed_marks on listed using gin (marks);

-- Files, and which draft or case has which. No owner = somebody is bringing it, until then.
create table files (
  school text collate "C" not null,
  name text collate "C" not null,
  key text not null,
  body bytea not null,
  primary key (school, name)
);
create table file_uses (
  school text collate "C" not null,
  owner text collate "C" not null,
  file_id text collate "C" not null,
  name text collate "C" not null,
  gone boolean not null,
  until timestamptz,
  primary key (school, owner, file_id)
);
create index file_uses_name on file_uses (school, name);
create index file_uses_id on file_uses (school, file_id) where gone;

-- The second wall: whoever asks sees the rows of the school they named in their transaction, and no others.
-- "force" holds the owner of the tables to it as well, where a host has one role only.
do $$
declare one text;
begin
  foreach one in array array['rows', 'counters', 'listed', 'files', 'file_uses'] loop
    execute format('alter table %I enable row level security', one);
    execute format('alter table %I force row level security', one);
    execute format(
      'create policy one_school on %I using (school = current_setting(''report.school'', true)) '
      'with check (school = current_setting(''report.school'', true))', one);
  end loop;
end $$;

-- What the workers find their work by, over all schools: ids and times, no word of any case.
create table due (
  school text collate "C" not null,
  tbl text collate "C" not null,
  id text collate "C" not null,
  n bigint not null,
  due bigint not null,
  ord bigint not null,
  primary key (school, tbl, id)
);
create index due_line on due (tbl, due, ord, n);

-- Which worker has a school in hand, and until when; and how often its list of seats was changed.
create table schools (
  school text collate "C" primary key,
  holder text not null default '',
  until timestamptz not null default '-infinity',
  roster bigint not null default 0
);

create table meta (
  name text primary key,
  key text not null,
  body bytea not null
);
