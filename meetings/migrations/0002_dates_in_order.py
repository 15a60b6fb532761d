"""A meeting can't be arranged for, or held on, a day before the child came into care; moves only grow."""

from django.db import migrations

from pepportal.audit.append_only import append_only

ORDER = """
CREATE FUNCTION meetings_meeting_after_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE entry date;
BEGIN
    SELECT e.began_on INTO entry FROM peps_pep p JOIN children_careepisode e ON e.id = p.episode_id WHERE p.id = NEW.pep_id;
    IF (NEW.starts_at AT TIME ZONE 'Europe/London')::date < entry OR NEW.held_on < entry THEN
        RAISE EXCEPTION 'the meeting is before the child came into care'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meeting_after_entry_to_care';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meeting_after_entry BEFORE INSERT OR UPDATE ON meetings_meeting
    FOR EACH ROW EXECUTE FUNCTION meetings_meeting_after_entry();

CREATE FUNCTION meetings_entry_before_meetings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM peps_pep p JOIN meetings_meeting m ON m.pep_id = p.id WHERE p.episode_id = NEW.id
               AND m.state <> 'cancelled'
               AND ((m.starts_at AT TIME ZONE 'Europe/London')::date < NEW.began_on OR m.held_on < NEW.began_on)) THEN
        RAISE EXCEPTION 'a meeting is before the child came into care'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meeting_after_entry_to_care';
    END IF;
    RETURN NEW;
END $$;
CREATE CONSTRAINT TRIGGER entry_before_meetings AFTER UPDATE OF began_on ON children_careepisode
    FOR EACH ROW EXECUTE FUNCTION meetings_entry_before_meetings();
"""
BACK = """
DROP TRIGGER entry_before_meetings ON children_careepisode; DROP FUNCTION meetings_entry_before_meetings();
DROP TRIGGER meeting_after_entry ON meetings_meeting; DROP FUNCTION meetings_meeting_after_entry();
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial"), ("children", "0002_dates_in_order")]
    operations = [append_only("meetings_meetingmove"), migrations.RunSQL(ORDER, BACK)]
