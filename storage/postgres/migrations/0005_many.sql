-- Whose list of seats was changed is asked before each turn: of many schools few have.
create index schools_roster on schools (school, roster) where roster > 0;
