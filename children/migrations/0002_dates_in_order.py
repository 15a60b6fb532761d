"""Dates that span tables, held by the database: the forms say the same things first, in words."""

from django.db import migrations

ORDER = """
CREATE FUNCTION children_placement_within_care() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE episode children_careepisode%ROWTYPE;
BEGIN
    SELECT * INTO episode FROM children_careepisode WHERE id = NEW.episode_id FOR SHARE;
    IF episode.child_id <> NEW.child_id THEN
        RAISE EXCEPTION 'the placement and the time in care are of two children'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_of_the_same_child';
    END IF;
    IF NEW.began_on < episode.began_on OR (episode.ended_on IS NOT NULL AND NEW.began_on >= episode.ended_on) THEN
        RAISE EXCEPTION 'the placement begins outside the time in care'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_within_care';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER placement_within_care BEFORE INSERT OR UPDATE ON children_placement
    FOR EACH ROW EXECUTE FUNCTION children_placement_within_care();

CREATE FUNCTION children_care_covers_placements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM children_placement p WHERE p.episode_id = NEW.id
               AND (p.began_on < NEW.began_on OR (NEW.ended_on IS NOT NULL AND p.began_on >= NEW.ended_on))) THEN
        RAISE EXCEPTION 'a placement begins outside the time in care'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_within_care';
    END IF;
    RETURN NEW;
END $$;
CREATE CONSTRAINT TRIGGER care_covers_placements AFTER UPDATE ON children_careepisode
    FOR EACH ROW EXECUTE FUNCTION children_care_covers_placements();

CREATE FUNCTION children_born_before_care() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM children_child c WHERE c.id = NEW.child_id AND NEW.began_on < c.date_of_birth) THEN
        RAISE EXCEPTION 'care begins before the child was born'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'care_begins_after_birth';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER born_before_care BEFORE INSERT OR UPDATE ON children_careepisode
    FOR EACH ROW EXECUTE FUNCTION children_born_before_care();

CREATE FUNCTION children_birth_before_care() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM children_careepisode e WHERE e.child_id = NEW.id AND e.began_on < NEW.date_of_birth) THEN
        RAISE EXCEPTION 'care begins before the child was born'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'care_begins_after_birth';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER birth_before_care BEFORE UPDATE OF date_of_birth ON children_child
    FOR EACH ROW EXECUTE FUNCTION children_birth_before_care();
"""
BACK = """
DROP TRIGGER birth_before_care ON children_child; DROP FUNCTION children_birth_before_care();
DROP TRIGGER born_before_care ON children_careepisode; DROP FUNCTION children_born_before_care();
DROP TRIGGER care_covers_placements ON children_careepisode; DROP FUNCTION children_care_covers_placements();
DROP TRIGGER placement_within_care ON children_placement; DROP FUNCTION children_placement_within_care();
"""


class Migration(migrations.Migration):
    dependencies = [("children", "0001_initial")]
    operations = [migrations.RunSQL(ORDER, BACK)]
