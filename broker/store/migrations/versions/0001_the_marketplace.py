"""the marketplace"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authority",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=200), nullable=False),
        sa.Column("framework_code", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("code", name=op.f("uq_authority_code")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("argument", sa.Integer(), nullable=True),
        sa.Column("dedupe", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_state", ["state"], unique=False)
        batch_op.create_index(
            "uq_job_waiting",
            ["dedupe"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("unit_kind", sa.String(length=20), nullable=False),
        sa.Column("hubs", sa.JSON(), nullable=False),
        sa.Column("evidence_min", sa.Text(), nullable=False),
        sa.Column("exclusive_group", sa.String(length=40), nullable=True),
        sa.Column("points_to", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.UniqueConstraint("code", name=op.f("uq_measure_code")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("is_supplier", sa.Boolean(), nullable=False),
        sa.Column("does", sa.Text(), nullable=False),
        sa.Column("serves", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("constituted", sa.Boolean(), nullable=False),
        sa.Column("referee_name", sa.String(length=200), nullable=False),
        sa.Column("referee_contact", sa.String(length=300), nullable=False),
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=True),
        sa.Column("entered_how", sa.String(length=20), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "postcode",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("authority_code", sa.String(length=20), nullable=True),
        sa.Column("ward_code", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_postcode")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    op.create_table(
        "authority_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("certainty", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_authority_rule_authority_id_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority_rule")),
        sa.UniqueConstraint("authority_id", "name", name=op.f("uq_authority_rule_authority_id_name")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_event_actor_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_subject", ["subject", "subject_id"], unique=False)

    op.create_table(
        "framework",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("wording", sa.String(length=20), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=True),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("certainty", sa.String(length=20), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'current', 'superseded')", name=op.f("ck_framework_status_known")),
        sa.CheckConstraint("wording IN ('provisional', 'confirmed')", name=op.f("ck_framework_wording_known")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_framework_authority_id_authority")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["framework.id"], name=op.f("fk_framework_supersedes_id_framework")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_framework_code_version")),
    )
    with op.batch_alter_table("framework", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_framework_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_framework_code"), ["code"], unique=False)
        batch_op.create_index(
            "uq_framework_current",
            ["code"],
            unique=True,
            sqlite_where=sa.text("status = 'current'"),
            postgresql_where=sa.text("status = 'current'"),
        )

    op.create_table(
        "identifier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_identifier_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifier")),
    )
    with op.batch_alter_table("identifier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identifier_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("ix_identifier_scheme_number", ["scheme", "number"], unique=False)

    op.create_table(
        "import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("encoding", sa.String(length=40), nullable=False),
        sa.Column("all_or_nothing", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("same", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_import_authority_id_authority")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_import_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("authority_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "(role = 'member' AND organisation_id IS NOT NULL AND authority_id IS NULL) OR (role = 'officer' AND authority_id IS NOT NULL AND organisation_id IS NULL) OR (role = 'administrator' AND organisation_id IS NULL AND authority_id IS NULL)",
            name=op.f("ck_membership_role_has_its_place"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_membership_authority_id_authority")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_membership_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_membership_place", ["user_id", "role", "organisation_id", "authority_id"], unique=True
        )

    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_role", sa.String(length=20), nullable=False),
        sa.Column("author_organisation_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_note_author_id_user")),
        sa.ForeignKeyConstraint(
            ["author_organisation_id"], ["organisation.id"], name=op.f("fk_note_author_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index("ix_note_subject", ["subject", "subject_id"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_one_time_link_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("applied_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_registration_authority_id_authority")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_registration_decided_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_registration_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint(
            "organisation_id", "authority_id", name=op.f("uq_registration_organisation_id_authority_id")
        ),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_state"), ["state"], unique=False)

    op.create_table(
        "ward",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_ward_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ward")),
        sa.UniqueConstraint("code", name=op.f("uq_ward_code")),
    )
    with op.batch_alter_table("ward", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ward_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "framework_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("certainty", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_framework_rule_framework_id_framework")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_rule")),
        sa.UniqueConstraint("framework_id", "name", name=op.f("uq_framework_rule_framework_id_name")),
    )
    op.create_table(
        "node",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("supports", sa.JSON(), nullable=False),
        sa.Column("strategies", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["framework_id"], ["framework.id"], name=op.f("fk_node_framework_id_framework")),
        sa.ForeignKeyConstraint(["parent_id"], ["node.id"], name=op.f("fk_node_parent_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
        sa.UniqueConstraint("framework_id", "code", name=op.f("uq_node_framework_id_code")),
    )
    with op.batch_alter_table("node", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_node_code"), ["code"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_sign_in_membership_id_membership")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("suggest_at", sa.DateTime(), nullable=True),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("entered_how", sa.String(length=20), nullable=True),
        sa.Column("grown_from_id", sa.Integer(), nullable=True),
        sa.Column("answers_id", sa.Integer(), nullable=True),
        sa.Column("answers_node_id", sa.Integer(), nullable=True),
        sa.Column("source_authority_id", sa.Integer(), nullable=True),
        sa.Column("source_id", sa.String(length=200), nullable=True),
        sa.Column("source_notes", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity IS NULL OR quantity > 0", name=op.f("ck_listing_quantity_positive")),
        sa.CheckConstraint("quantity IS NULL OR reserved <= quantity", name=op.f("ck_listing_parts_within_whole")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_listing_reserved_not_negative")),
        sa.ForeignKeyConstraint(["answers_id"], ["listing.id"], name=op.f("fk_listing_answers_id_listing")),
        sa.ForeignKeyConstraint(["answers_node_id"], ["node.id"], name=op.f("fk_listing_answers_node_id_node")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user.id"], name=op.f("fk_listing_entered_by_id_user")),
        sa.ForeignKeyConstraint(["grown_from_id"], ["listing.id"], name=op.f("fk_listing_grown_from_id_listing")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_listing_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["source_authority_id"], ["authority.id"], name=op.f("fk_listing_source_authority_id_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("source_authority_id", "source_id", name=op.f("uq_listing_source_authority_id_source_id")),
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listing_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_listing_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_listing_suggest_at"), ["suggest_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_listing_text_hash"), ["text_hash"], unique=False)

    op.create_table(
        "node_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("hub_code", sa.String(length=40), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_node_mapping_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node_mapping")),
        sa.UniqueConstraint("node_id", "hub_code", name=op.f("uq_node_mapping_node_id_hub_code")),
    )
    with op.batch_alter_table("node_mapping", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_node_mapping_hub_code"), ["hub_code"], unique=False)

    op.create_table(
        "listing_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("searchable", sa.Text(), nullable=False),
        sa.Column("support_kind", sa.String(length=20), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("roughly", sa.Boolean(), nullable=False),
        sa.Column("frequency", sa.String(length=20), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("place_kind", sa.String(length=20), nullable=True),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=True),
        sa.Column("place_note", sa.String(length=400), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("reach_miles", sa.Double(), nullable=True),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("community_led", sa.Boolean(), nullable=False),
        sa.Column("community_owned", sa.Boolean(), nullable=False),
        sa.Column("safeguarding", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("edited_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("amount IS NULL OR amount > 0", name=op.f("ck_listing_version_amount_positive")),
        sa.CheckConstraint(
            "from_date IS NULL OR until_date IS NULL OR from_date <= until_date",
            name=op.f("ck_listing_version_dates_in_order"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_listing_version_author_id_user")),
        sa.ForeignKeyConstraint(["edited_by_id"], ["user.id"], name=op.f("fk_listing_version_edited_by_id_user")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_listing_version_listing_id_listing")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_listing_version_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_version")),
        sa.UniqueConstraint("listing_id", "number", name=op.f("uq_listing_version_listing_id_number")),
    )
    with op.batch_alter_table("listing_version", schema=None) as batch_op:
        batch_op.create_index("ix_listing_version_point", ["lat", "lon"], unique=False)
        batch_op.create_index(batch_op.f("ix_listing_version_ward_id"), ["ward_id"], unique=False)

    op.create_table(
        "suggestion",
        sa.Column("demand_id", sa.Integer(), nullable=False),
        sa.Column("supply_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("demand_rank", sa.Integer(), nullable=True),
        sa.Column("supply_rank", sa.Integer(), nullable=True),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("engine", sa.String(length=40), nullable=False),
        sa.Column("computed_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "demand_rank IS NOT NULL OR supply_rank IS NOT NULL", name=op.f("ck_suggestion_ranked_somewhere")
        ),
        sa.ForeignKeyConstraint(["demand_id"], ["listing.id"], name=op.f("fk_suggestion_demand_id_listing")),
        sa.ForeignKeyConstraint(["supply_id"], ["listing.id"], name=op.f("fk_suggestion_supply_id_listing")),
        sa.PrimaryKeyConstraint("demand_id", "supply_id", name=op.f("pk_suggestion")),
    )
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.create_index("ix_suggestion_supply", ["supply_id", "supply_rank"], unique=False)

    op.create_table(
        "match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("demand_id", sa.Integer(), nullable=False),
        sa.Column("supply_id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_by", sa.String(length=20), nullable=False),
        sa.Column("demand_amount", sa.Integer(), nullable=True),
        sa.Column("supply_amount", sa.Integer(), nullable=True),
        sa.Column("demand_accepted_at", sa.DateTime(), nullable=True),
        sa.Column("supply_accepted_at", sa.DateTime(), nullable=True),
        sa.Column("demand_accepted_how", sa.String(length=20), nullable=True),
        sa.Column("supply_accepted_how", sa.String(length=20), nullable=True),
        sa.Column("demand_version_id", sa.Integer(), nullable=True),
        sa.Column("supply_version_id", sa.Integer(), nullable=True),
        sa.Column("decline_reason", sa.String(length=40), nullable=True),
        sa.Column("declined_by", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("followed_up_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.Column("engine", sa.String(length=40), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name=op.f("ck_match_confirmed_when")),
        sa.CheckConstraint(
            "state NOT IN ('agreed', 'confirmed') OR (demand_accepted_at IS NOT NULL AND supply_accepted_at IS NOT NULL)",
            name=op.f("ck_match_both_accepted"),
        ),
        sa.CheckConstraint("demand_amount IS NULL OR demand_amount > 0", name=op.f("ck_match_demand_amount_positive")),
        sa.CheckConstraint("demand_id <> supply_id", name=op.f("ck_match_two_listings")),
        sa.CheckConstraint("supply_amount IS NULL OR supply_amount > 0", name=op.f("ck_match_supply_amount_positive")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_match_authority_id_authority")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["user.id"], name=op.f("fk_match_confirmed_by_id_user")),
        sa.ForeignKeyConstraint(["demand_id"], ["listing.id"], name=op.f("fk_match_demand_id_listing")),
        sa.ForeignKeyConstraint(
            ["demand_version_id"], ["listing_version.id"], name=op.f("fk_match_demand_version_id_listing_version")
        ),
        sa.ForeignKeyConstraint(["supply_id"], ["listing.id"], name=op.f("fk_match_supply_id_listing")),
        sa.ForeignKeyConstraint(
            ["supply_version_id"], ["listing_version.id"], name=op.f("fk_match_supply_version_id_listing_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
    )
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.create_index("ix_match_authority_state", ["authority_id", "state"], unique=False)
        batch_op.create_index("ix_match_demand_id", ["demand_id"], unique=False)
        batch_op.create_index("ix_match_supply_id", ["supply_id"], unique=False)
        batch_op.create_index(
            "uq_match_live_pair",
            ["demand_id", "supply_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('agreed', 'proposed', 'shortlisted')"),
            postgresql_where=sa.text("state IN ('agreed', 'proposed', 'shortlisted')"),
        )

    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("approved_version_id", sa.Integer(), nullable=True),
        sa.Column("stays_public", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("approved_at", sa.DateTime(), nullable=True),
        sa.Column("closing_reason", sa.String(length=40), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('open', 'paused', 'filled', 'lapsed') OR approved_version_id IS NOT NULL",
            name=op.f("ck_posting_checked_before_open"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_version_id"], ["listing_version.id"], name=op.f("fk_posting_approved_version_id_listing_version")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_posting_authority_id_authority")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_posting_listing_id_listing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint("listing_id", "authority_id", name=op.f("uq_posting_listing_id_authority_id")),
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posting_approved_version_id"), ["approved_version_id"], unique=False)
        batch_op.create_index("ix_posting_authority_state", ["authority_id", "state"], unique=False)

    op.create_table(
        "version_priority",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_version_priority_node_id_node")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["listing_version.id"], name=op.f("fk_version_priority_version_id_listing_version")
        ),
        sa.PrimaryKeyConstraint("version_id", "node_id", name=op.f("pk_version_priority")),
    )
    op.create_table(
        "partnership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("demand_amount", sa.Integer(), nullable=True),
        sa.Column("demand_unit", sa.String(length=20), nullable=True),
        sa.Column("supply_amount", sa.Integer(), nullable=True),
        sa.Column("supply_unit", sa.String(length=20), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "lane <> 'systemic' OR review_on IS NOT NULL", name=op.f("ck_partnership_lasting_has_review_date")
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR lane <> 'systemic' OR reviewed_at IS NOT NULL",
            name=op.f("ck_partnership_lasting_reviewed_to_close"),
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_partnership_dates_in_order")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_partnership_authority_id_authority")),
        sa.ForeignKeyConstraint(["framework_id"], ["framework.id"], name=op.f("fk_partnership_framework_id_framework")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_partnership_match_id_match")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership")),
        sa.UniqueConstraint("match_id", name=op.f("uq_partnership_match_id")),
    )
    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partnership_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partnership_state"), ["state"], unique=False)



def downgrade() -> None:
    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partnership_state"))
        batch_op.drop_index(batch_op.f("ix_partnership_authority_id"))

    op.drop_table("partnership")
    op.drop_table("version_priority")
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.drop_index("ix_posting_authority_state")
        batch_op.drop_index(batch_op.f("ix_posting_approved_version_id"))

    op.drop_table("posting")
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_match_live_pair",
            sqlite_where=sa.text("state IN ('agreed', 'proposed', 'shortlisted')"),
            postgresql_where=sa.text("state IN ('agreed', 'proposed', 'shortlisted')"),
        )
        batch_op.drop_index("ix_match_supply_id")
        batch_op.drop_index("ix_match_demand_id")
        batch_op.drop_index("ix_match_authority_state")

    op.drop_table("match")
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_index("ix_suggestion_supply")

    op.drop_table("suggestion")
    with op.batch_alter_table("listing_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_version_ward_id"))
        batch_op.drop_index("ix_listing_version_point")

    op.drop_table("listing_version")
    with op.batch_alter_table("node_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_node_mapping_hub_code"))

    op.drop_table("node_mapping")
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_text_hash"))
        batch_op.drop_index(batch_op.f("ix_listing_suggest_at"))
        batch_op.drop_index(batch_op.f("ix_listing_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_listing_kind"))

    op.drop_table("listing")
    op.drop_table("sign_in")
    with op.batch_alter_table("node", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_node_code"))

    op.drop_table("node")
    op.drop_table("framework_rule")
    with op.batch_alter_table("ward", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ward_authority_id"))

    op.drop_table("ward")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_state"))
        batch_op.drop_index(batch_op.f("ix_registration_authority_id"))

    op.drop_table("registration")
    op.drop_table("one_time_link")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index("ix_note_subject")

    op.drop_table("note")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index("uq_membership_place")
        batch_op.drop_index(batch_op.f("ix_membership_user_id"))
        batch_op.drop_index(batch_op.f("ix_membership_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_membership_authority_id"))

    op.drop_table("membership")
    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_authority_id"))

    op.drop_table("import")
    with op.batch_alter_table("identifier", schema=None) as batch_op:
        batch_op.drop_index("ix_identifier_scheme_number")
        batch_op.drop_index(batch_op.f("ix_identifier_organisation_id"))

    op.drop_table("identifier")
    with op.batch_alter_table("framework", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_framework_current",
            sqlite_where=sa.text("status = 'current'"),
            postgresql_where=sa.text("status = 'current'"),
        )
        batch_op.drop_index(batch_op.f("ix_framework_code"))
        batch_op.drop_index(batch_op.f("ix_framework_authority_id"))

    op.drop_table("framework")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_subject")

    op.drop_table("event")
    op.drop_table("authority_rule")
    op.drop_table("user")
    op.drop_table("setting")
    op.drop_table("postcode")
    op.drop_table("organisation")
    op.drop_table("measure")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_job_waiting", sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'")
        )
        batch_op.drop_index("ix_job_state")

    op.drop_table("job")
    op.drop_table("authority")
