-- Puts the record of who did what out of the service's reach: its role may read the record and add to it, and no more.
-- For a role that is not the service's own, such as postgres, once the tables are there; it can be run again:
--   psql --dbname common_thread --set service=common_thread --file record-apart.sql
\set ON_ERROR_STOP on
BEGIN;
ALTER DATABASE :"DBNAME" OWNER TO CURRENT_USER;
ALTER SCHEMA public OWNER TO pg_database_owner;
GRANT USAGE ON SCHEMA public TO :"service";
ALTER TABLE event OWNER TO CURRENT_USER;
ALTER TABLE event_link OWNER TO CURRENT_USER;
ALTER TABLE event_head OWNER TO CURRENT_USER;
ALTER FUNCTION refuse_change() OWNER TO CURRENT_USER;
GRANT SELECT, INSERT ON event, event_link TO :"service";
GRANT SELECT, UPDATE ON event_head TO :"service"; -- which a trigger lets move forward only
GRANT SELECT, USAGE ON SEQUENCE event_id_seq TO :"service";
COMMIT;
