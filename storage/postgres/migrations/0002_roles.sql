-- The role as which the program works: it owns nothing and changes no table.
-- Where a host gives one role and lets it make no other, the walls around the rows hold its owner all the same.
do $$
begin
  if not exists (select from pg_roles where rolname = 'report_posting_app') then
    create role report_posting_app nologin;
  end if;
  execute format('grant report_posting_app to %I', current_user);
  grant select, insert, update, delete on rows, counters, listed, files, file_uses, due, schools
    to report_posting_app;
  grant usage on schema public to report_posting_app;
  grant select, insert on meta to report_posting_app;
  grant select on migrations to report_posting_app;
exception
  when insufficient_privilege then
    raise notice 'no role of its own: this host lets none be made';
end $$;
