-- Gives the record back to the service, which is what an upgrade or a restore needs. Afterwards: record-apart.sql.
--   psql --dbname common_thread --set service=common_thread --file record-back.sql
\set ON_ERROR_STOP on
BEGIN;
ALTER TABLE event OWNER TO :"service";
ALTER TABLE event_link OWNER TO :"service";
ALTER TABLE event_head OWNER TO :"service";
ALTER FUNCTION refuse_change() OWNER TO :"service";
ALTER DATABASE :"DBNAME" OWNER TO :"service";
COMMIT;
