-- What opens everything else, wrapped by a key that stands outside: the root, and what is known of keys.
-- The data keys themselves are rows, under the same wall as what they open.
create table keyring (
  name text primary key,
  body bytea not null
);
do $$
begin
  grant select, insert, update on keyring to report_posting_app;
exception
  when undefined_object then
    raise notice 'no role of its own: see 0002';
end $$;
