"""the chain: contracts, promises, deliveries, evidence, the ledger of claims, values and closed periods"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

SHARED, OWN = sa.text('authority_id IS NULL'), sa.text('authority_id IS NOT NULL')
TABLES = (
    'verification',
    'evidence',
    'confirmation_link',
    'confirmation',
    'claim',
    'milestone',
    'feedback',
    'delivery',
    'valuation',
    'report_period',
    'project_idea',
    'commitment',
    'valuation_edition',
    'stored_file',
    'contract',
)
MEMBERS = "(role IN ({of_organisation}) AND organisation_id IS NOT NULL AND authority_id IS NULL)"
STAFF = "(role IN ({of_council}) AND authority_id IS NOT NULL AND organisation_id IS NULL)"
NOBODYS = "(role = 'administrator' AND organisation_id IS NULL AND authority_id IS NULL)"
PLACES = f'{MEMBERS} OR {STAFF} OR {NOBODYS}'
NEW = PLACES.format(of_organisation="'member', 'colleague'", of_council="'officer', 'contract_manager', 'councillor'")
OLD = PLACES.format(of_organisation="'member'", of_council="'officer'")
CHECK = 'ck_membership_role_has_its_place'
LIVE = "ended_at IS NULL"
ADMINISTERS = "ended_at IS NULL AND role = 'administrator'"
PROMISE = {
    'ck_partnership_so_much_of_a_commitment': '(commitment_id IS NULL) = (committed_amount IS NULL)',
    'ck_partnership_committed_amount_positive': 'committed_amount IS NULL OR committed_amount > 0',
}
# Of the delivery and the commitment that a claim names: may so much of the one stand against the other?
FITS = """
SELECT 1 FROM delivery
JOIN measure AS done ON done.id = delivery.measure_id
JOIN commitment ON commitment.id = NEW.commitment_id AND commitment.organisation_id = delivery.organisation_id
JOIN measure AS meant ON meant.id = commitment.measure_id
WHERE delivery.id = NEW.delivery_id AND delivery.nature = 'additional' AND delivery.state = 'verified'
AND COALESCE(done.stands_for_id, done.id) = COALESCE(meant.stands_for_id, meant.id)
AND NEW.quantity + COALESCE((
    SELECT SUM(other.quantity) FROM claim AS other
    WHERE other.delivery_id = NEW.delivery_id AND other.state = 'standing' AND other.id <> NEW.id
), 0) <= delivery.verified
"""
BREAKS = """
EXISTS (
SELECT 1 FROM claim WHERE claim.delivery_id = NEW.id AND claim.state = 'standing'
GROUP BY claim.delivery_id HAVING SUM(claim.quantity) > NEW.verified
) OR ((NEW.measure_id <> OLD.measure_id OR NEW.nature <> OLD.nature OR NEW.organisation_id <> OLD.organisation_id) AND EXISTS (SELECT 1 FROM claim WHERE claim.delivery_id = NEW.id AND claim.state = 'standing'))
"""
TOO_MUCH = 'more is claimed than is verified'


def upgrade() -> None:
    op.create_table(
        'contract',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('authority_id', sa.Integer(), nullable=False),
        sa.Column('organisation_id', sa.Integer(), nullable=False),
        sa.Column('title', sa.String(400), nullable=False),
        sa.Column('buyer', sa.String(300), nullable=False),
        sa.Column('identifier', sa.String(100), nullable=False),
        sa.Column('value', sa.BigInteger(), nullable=True),
        sa.Column('spent', sa.BigInteger(), nullable=False),
        sa.Column('starts_on', sa.Date(), nullable=False),
        sa.Column('ends_on', sa.Date(), nullable=False),
        sa.Column('manager_id', sa.Integer(), nullable=True),
        sa.Column('manager_name', sa.String(200), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('row_version', sa.Integer(), nullable=False),
        sa.CheckConstraint('spent >= 0', name=op.f('ck_contract_spent_not_negative')),
        sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_contract_dates_in_order')),
        sa.CheckConstraint('value IS NULL OR value >= 0', name=op.f('ck_contract_value_not_negative')),
        sa.ForeignKeyConstraint(['authority_id'], ['authority.id'], name=op.f('fk_contract_authority_id_authority')),
        sa.ForeignKeyConstraint(['manager_id'], ['user.id'], name=op.f('fk_contract_manager_id_user')),
        sa.ForeignKeyConstraint(
            ['organisation_id'], ['organisation.id'], name=op.f('fk_contract_organisation_id_organisation')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_contract')),
    )
    op.create_index(op.f('ix_contract_authority_id'), 'contract', ['authority_id'])
    op.create_index(op.f('ix_contract_manager_id'), 'contract', ['manager_id'])
    op.create_index(op.f('ix_contract_organisation_id'), 'contract', ['organisation_id'])
    op.create_index(
        'uq_contract_identifier',
        'contract',
        ['authority_id', 'identifier'],
        unique=True,
        sqlite_where=sa.text("identifier <> ''"),
        postgresql_where=sa.text("identifier <> ''"),
    )

    op.create_table(
        'stored_file',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('organisation_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('name', sa.String(200), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(64), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('added_by_id', sa.Integer(), nullable=True),
        sa.Column('added_at', sa.DateTime(), nullable=False),
        sa.CheckConstraint('size > 0', name=op.f('ck_stored_file_size_positive')),
        sa.ForeignKeyConstraint(['added_by_id'], ['user.id'], name=op.f('fk_stored_file_added_by_id_user')),
        sa.ForeignKeyConstraint(
            ['organisation_id'], ['organisation.id'], name=op.f('fk_stored_file_organisation_id_organisation')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file')),
        sa.UniqueConstraint('organisation_id', 'sha256', name=op.f('uq_stored_file_organisation_id_sha256')),
    )
    op.create_table(
        'valuation_edition',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('authority_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(200), nullable=False),
        sa.Column('price_year', sa.Integer(), nullable=False),
        sa.Column('licence_note', sa.Text(), nullable=False),
        sa.Column('source', sa.Text(), nullable=False),
        sa.Column('loaded_at', sa.DateTime(), nullable=False),
        sa.Column('loaded_by_id', sa.Integer(), nullable=True),
        sa.Column('retired_at', sa.DateTime(), nullable=True),
        sa.CheckConstraint('price_year BETWEEN 1990 AND 2100', name=op.f('ck_valuation_edition_price_year_likely')),
        sa.ForeignKeyConstraint(
            ['authority_id'], ['authority.id'], name=op.f('fk_valuation_edition_authority_id_authority')
        ),
        sa.ForeignKeyConstraint(['loaded_by_id'], ['user.id'], name=op.f('fk_valuation_edition_loaded_by_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_valuation_edition')),
        sa.UniqueConstraint('authority_id', 'name', name=op.f('uq_valuation_edition_authority_id_name')),
    )
    op.create_index(
        'uq_valuation_edition_in_use',
        'valuation_edition',
        ['authority_id'],
        unique=True,
        sqlite_where=sa.text('retired_at IS NULL'),
        postgresql_where=sa.text('retired_at IS NULL'),
    )

    op.create_table(
        'commitment',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('organisation_id', sa.Integer(), nullable=False),
        sa.Column('authority_id', sa.Integer(), nullable=False),
        sa.Column('contract_id', sa.Integer(), nullable=True),
        sa.Column('measure_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(20), nullable=False),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=False),
        sa.Column('per_pounds', sa.BigInteger(), nullable=True),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('owner_id', sa.Integer(), nullable=True),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('row_version', sa.Integer(), nullable=False),
        sa.CheckConstraint(
            'per_pounds IS NULL OR (per_pounds > 0 AND contract_id IS NOT NULL)',
            name=op.f('ck_commitment_scales_with_spend'),
        ),
        sa.CheckConstraint('quantity > 0', name=op.f('ck_commitment_quantity_positive')),
        sa.ForeignKeyConstraint(['authority_id'], ['authority.id'], name=op.f('fk_commitment_authority_id_authority')),
        sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_commitment_contract_id_contract')),
        sa.ForeignKeyConstraint(['measure_id'], ['measure.id'], name=op.f('fk_commitment_measure_id_measure')),
        sa.ForeignKeyConstraint(
            ['organisation_id'], ['organisation.id'], name=op.f('fk_commitment_organisation_id_organisation')
        ),
        sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_commitment_owner_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_commitment')),
    )
    op.create_index(op.f('ix_commitment_authority_id'), 'commitment', ['authority_id'])
    op.create_index(op.f('ix_commitment_contract_id'), 'commitment', ['contract_id'])
    op.create_index(op.f('ix_commitment_organisation_id'), 'commitment', ['organisation_id'])
    op.create_index(op.f('ix_commitment_owner_id'), 'commitment', ['owner_id'])

    op.create_table(
        'project_idea',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('authority_id', sa.Integer(), nullable=False),
        sa.Column('ward_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(20), nullable=False),
        sa.Column('title', sa.String(400), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('answer', sa.Text(), nullable=False),
        sa.Column('suggested_by_id', sa.Integer(), nullable=True),
        sa.Column('suggested_at', sa.DateTime(), nullable=False),
        sa.Column('answered_at', sa.DateTime(), nullable=True),
        sa.Column('row_version', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['authority_id'], ['authority.id'], name=op.f('fk_project_idea_authority_id_authority')
        ),
        sa.ForeignKeyConstraint(['suggested_by_id'], ['user.id'], name=op.f('fk_project_idea_suggested_by_id_user')),
        sa.ForeignKeyConstraint(['ward_id'], ['ward.id'], name=op.f('fk_project_idea_ward_id_ward')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_project_idea')),
    )
    op.create_index(op.f('ix_project_idea_authority_id'), 'project_idea', ['authority_id'])

    op.create_table(
        'report_period',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('authority_id', sa.Integer(), nullable=False),
        sa.Column('starts_on', sa.Date(), nullable=False),
        sa.Column('ends_on', sa.Date(), nullable=False),
        sa.Column('edition_id', sa.Integer(), nullable=True),
        sa.Column('closed_at', sa.DateTime(), nullable=False),
        sa.Column('closed_by_id', sa.Integer(), nullable=True),
        sa.Column('figures', sa.JSON(), nullable=False),
        sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_report_period_dates_in_order')),
        sa.ForeignKeyConstraint(
            ['authority_id'], ['authority.id'], name=op.f('fk_report_period_authority_id_authority')
        ),
        sa.ForeignKeyConstraint(['closed_by_id'], ['user.id'], name=op.f('fk_report_period_closed_by_id_user')),
        sa.ForeignKeyConstraint(
            ['edition_id'], ['valuation_edition.id'], name=op.f('fk_report_period_edition_id_valuation_edition')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_report_period')),
        sa.UniqueConstraint(
            'authority_id', 'starts_on', 'ends_on', name=op.f('uq_report_period_authority_id_starts_on_ends_on')
        ),
    )
    op.create_table(
        'valuation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('edition_id', sa.Integer(), nullable=False),
        sa.Column('measure_id', sa.Integer(), nullable=False),
        sa.Column('low', sa.BigInteger(), nullable=False),
        sa.Column('high', sa.BigInteger(), nullable=False),
        sa.Column('deadweight', sa.Integer(), nullable=False),
        sa.Column('attribution', sa.Integer(), nullable=False),
        sa.Column('displacement', sa.Integer(), nullable=False),
        sa.Column('drop_off', sa.Integer(), nullable=False),
        sa.Column('years', sa.Integer(), nullable=False),
        sa.CheckConstraint('0 <= low AND low <= high', name=op.f('ck_valuation_range_in_order')),
        sa.CheckConstraint(
            'deadweight BETWEEN 0 AND 100 AND attribution BETWEEN 0 AND 100 AND displacement BETWEEN 0 AND 100 AND drop_off BETWEEN 0 AND 100',
            name=op.f('ck_valuation_percents'),
        ),
        sa.CheckConstraint('years BETWEEN 1 AND 50', name=op.f('ck_valuation_years_likely')),
        sa.ForeignKeyConstraint(
            ['edition_id'], ['valuation_edition.id'], name=op.f('fk_valuation_edition_id_valuation_edition')
        ),
        sa.ForeignKeyConstraint(['measure_id'], ['measure.id'], name=op.f('fk_valuation_measure_id_measure')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_valuation')),
        sa.UniqueConstraint('edition_id', 'measure_id', name=op.f('uq_valuation_edition_id_measure_id')),
    )
    op.create_table(
        'delivery',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('organisation_id', sa.Integer(), nullable=False),
        sa.Column('partnership_id', sa.Integer(), nullable=True),
        sa.Column('authority_id', sa.Integer(), nullable=False),
        sa.Column('measure_id', sa.Integer(), nullable=False),
        sa.Column('nature', sa.String(20), nullable=False),
        sa.Column('state', sa.String(20), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=False),
        sa.Column('verified', sa.BigInteger(), nullable=False),
        sa.Column('worth', sa.BigInteger(), nullable=True),
        sa.Column('started_on', sa.Date(), nullable=False),
        sa.Column('ended_on', sa.Date(), nullable=False),
        sa.Column('place', sa.String(300), nullable=False),
        sa.Column('ward_id', sa.Integer(), nullable=True),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('apart', sa.Text(), nullable=False),
        sa.Column('tier', sa.Integer(), nullable=False),
        sa.Column('answer_by', sa.Date(), nullable=True),
        sa.Column('logged_at', sa.DateTime(), nullable=False),
        sa.Column('logged_by_id', sa.Integer(), nullable=True),
        sa.Column('verified_at', sa.DateTime(), nullable=True),
        sa.Column('row_version', sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(nature = 'additional' AND partnership_id IS NOT NULL AND state <> 'told') OR (nature = 'inherent' AND partnership_id IS NULL AND state IN ('told', 'withdrawn'))",
            name=op.f('ck_delivery_inherent_is_told'),
        ),
        sa.CheckConstraint("verified = 0 OR state = 'verified'", name=op.f('ck_delivery_verified_by_somebody')),
        sa.CheckConstraint('quantity > 0', name=op.f('ck_delivery_quantity_positive')),
        sa.CheckConstraint('started_on <= ended_on', name=op.f('ck_delivery_dates_in_order')),
        sa.CheckConstraint('tier IN (1, 2)', name=op.f('ck_delivery_tier_known')),
        sa.CheckConstraint('verified BETWEEN 0 AND quantity', name=op.f('ck_delivery_verified_within_quantity')),
        sa.CheckConstraint('worth IS NULL OR worth > 0', name=op.f('ck_delivery_worth_positive')),
        sa.ForeignKeyConstraint(['authority_id'], ['authority.id'], name=op.f('fk_delivery_authority_id_authority')),
        sa.ForeignKeyConstraint(['logged_by_id'], ['user.id'], name=op.f('fk_delivery_logged_by_id_user')),
        sa.ForeignKeyConstraint(['measure_id'], ['measure.id'], name=op.f('fk_delivery_measure_id_measure')),
        sa.ForeignKeyConstraint(
            ['organisation_id'], ['organisation.id'], name=op.f('fk_delivery_organisation_id_organisation')
        ),
        sa.ForeignKeyConstraint(
            ['partnership_id'], ['partnership.id'], name=op.f('fk_delivery_partnership_id_partnership')
        ),
        sa.ForeignKeyConstraint(['ward_id'], ['ward.id'], name=op.f('fk_delivery_ward_id_ward')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    )
    op.create_index(op.f('ix_delivery_organisation_id'), 'delivery', ['organisation_id'])
    op.create_index(op.f('ix_delivery_partnership_id'), 'delivery', ['partnership_id'])
    op.create_index('ix_delivery_period', 'delivery', ['authority_id', 'ended_on'])
    op.create_index('ix_delivery_waiting', 'delivery', ['state', 'answer_by'])

    op.create_table(
        'feedback',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('partnership_id', sa.Integer(), nullable=False),
        sa.Column('side', sa.String(20), nullable=False),
        sa.Column('score', sa.Integer(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('channel', sa.String(20), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.CheckConstraint('score BETWEEN 1 AND 5', name=op.f('ck_feedback_score_in_range')),
        sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_feedback_by_id_user')),
        sa.ForeignKeyConstraint(
            ['partnership_id'], ['partnership.id'], name=op.f('fk_feedback_partnership_id_partnership')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback')),
        sa.UniqueConstraint('partnership_id', 'side', name=op.f('uq_feedback_partnership_id_side')),
    )
    op.create_table(
        'milestone',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('commitment_id', sa.Integer(), nullable=True),
        sa.Column('partnership_id', sa.Integer(), nullable=True),
        sa.Column('what', sa.String(400), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=True),
        sa.Column('reached_at', sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            '(commitment_id IS NULL) <> (partnership_id IS NULL)', name=op.f('ck_milestone_of_one_thing')
        ),
        sa.CheckConstraint('quantity IS NULL OR quantity > 0', name=op.f('ck_milestone_quantity_positive')),
        sa.ForeignKeyConstraint(
            ['commitment_id'], ['commitment.id'], name=op.f('fk_milestone_commitment_id_commitment')
        ),
        sa.ForeignKeyConstraint(
            ['partnership_id'], ['partnership.id'], name=op.f('fk_milestone_partnership_id_partnership')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_milestone')),
    )
    op.create_index(op.f('ix_milestone_commitment_id'), 'milestone', ['commitment_id'])
    op.create_index(op.f('ix_milestone_partnership_id'), 'milestone', ['partnership_id'])

    op.create_table(
        'claim',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('delivery_id', sa.Integer(), nullable=False),
        sa.Column('commitment_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(20), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=False),
        sa.Column('claimed_by_id', sa.Integer(), nullable=True),
        sa.Column('claimed_at', sa.DateTime(), nullable=False),
        sa.Column('taken_back_at', sa.DateTime(), nullable=True),
        sa.Column('row_version', sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'taken_back') = (taken_back_at IS NOT NULL)", name=op.f('ck_claim_taken_back_at_a_time')
        ),
        sa.CheckConstraint('quantity > 0', name=op.f('ck_claim_quantity_positive')),
        sa.ForeignKeyConstraint(['claimed_by_id'], ['user.id'], name=op.f('fk_claim_claimed_by_id_user')),
        sa.ForeignKeyConstraint(['commitment_id'], ['commitment.id'], name=op.f('fk_claim_commitment_id_commitment')),
        sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_claim_delivery_id_delivery')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_claim')),
    )
    op.create_index(op.f('ix_claim_commitment_id'), 'claim', ['commitment_id'])
    op.create_index(op.f('ix_claim_delivery_id'), 'claim', ['delivery_id'])
    op.create_index(
        'uq_claim_standing',
        'claim',
        ['delivery_id', 'commitment_id'],
        unique=True,
        sqlite_where=sa.text("state = 'standing'"),
        postgresql_where=sa.text("state = 'standing'"),
    )

    op.create_table(
        'confirmation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('delivery_id', sa.Integer(), nullable=False),
        sa.Column('answer', sa.String(20), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=False),
        sa.Column('sentence', sa.Text(), nullable=False),
        sa.Column('story_consent', sa.Boolean(), nullable=False),
        sa.Column('photo_id', sa.Integer(), nullable=True),
        sa.Column('photo_consent', sa.Boolean(), nullable=False),
        sa.Column('channel', sa.String(20), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.Column('superseded_at', sa.DateTime(), nullable=True),
        sa.CheckConstraint("answer <> 'not_at_all' OR quantity = 0", name=op.f('ck_confirmation_nothing_is_nothing')),
        sa.CheckConstraint('quantity >= 0', name=op.f('ck_confirmation_quantity_not_negative')),
        sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_confirmation_by_id_user')),
        sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_confirmation_delivery_id_delivery')),
        sa.ForeignKeyConstraint(['photo_id'], ['stored_file.id'], name=op.f('fk_confirmation_photo_id_stored_file')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_confirmation')),
    )
    op.create_index(op.f('ix_confirmation_delivery_id'), 'confirmation', ['delivery_id'])
    op.create_index(
        'uq_confirmation_live',
        'confirmation',
        ['delivery_id'],
        unique=True,
        sqlite_where=sa.text('superseded_at IS NULL'),
        postgresql_where=sa.text('superseded_at IS NULL'),
    )

    op.create_table(
        'confirmation_link',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('delivery_id', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('expires_at', sa.DateTime(), nullable=False),
        sa.Column('used_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ['delivery_id'], ['delivery.id'], name=op.f('fk_confirmation_link_delivery_id_delivery')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_confirmation_link')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_confirmation_link_token_hash')),
    )
    op.create_index(op.f('ix_confirmation_link_delivery_id'), 'confirmation_link', ['delivery_id'])

    op.create_table(
        'evidence',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('delivery_id', sa.Integer(), nullable=False),
        sa.Column('file_id', sa.Integer(), nullable=False),
        sa.Column('what', sa.String(400), nullable=False),
        sa.Column('added_by_id', sa.Integer(), nullable=True),
        sa.Column('added_at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['added_by_id'], ['user.id'], name=op.f('fk_evidence_added_by_id_user')),
        sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_evidence_delivery_id_delivery')),
        sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_evidence_file_id_stored_file')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
        sa.UniqueConstraint('delivery_id', 'file_id', name=op.f('uq_evidence_delivery_id_file_id')),
    )
    op.create_index(op.f('ix_evidence_file_id'), 'evidence', ['file_id'])

    op.create_table(
        'verification',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('delivery_id', sa.Integer(), nullable=False),
        sa.Column('voucher', sa.String(20), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.Column('taken_back_at', sa.DateTime(), nullable=True),
        sa.CheckConstraint('quantity >= 0', name=op.f('ck_verification_quantity_not_negative')),
        sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_verification_by_id_user')),
        sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_verification_delivery_id_delivery')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_verification')),
    )
    op.create_index(op.f('ix_verification_delivery_id'), 'verification', ['delivery_id'])
    with op.batch_alter_table('measure') as batch:
        batch.drop_constraint('uq_measure_code', type_='unique')
        batch.add_column(sa.Column('authority_id', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('list_name', sa.String(200), nullable=False, server_default=''))
        batch.add_column(sa.Column('edition', sa.String(40), nullable=False, server_default=''))
        batch.add_column(sa.Column('licence', sa.Text(), nullable=False, server_default=''))
        batch.add_column(sa.Column('stands_for_id', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('retired_at', sa.DateTime(), nullable=True))
        batch.create_foreign_key('fk_measure_stands_for_id_measure', 'measure', ['stands_for_id'], ['id'])
        batch.create_foreign_key('fk_measure_authority_id_authority', 'authority', ['authority_id'], ['id'])
        batch.create_check_constraint(
            op.f('ck_measure_shared_stands_for_itself'), 'authority_id IS NOT NULL OR stands_for_id IS NULL'
        )
    with op.batch_alter_table('measure') as batch:
        for column, kind in (('list_name', sa.String(200)), ('edition', sa.String(40)), ('licence', sa.Text())):
            batch.alter_column(column, existing_type=kind, existing_nullable=False, server_default=None)
    op.create_index('ix_measure_authority_id', 'measure', ['authority_id'])
    _unique('uq_measure_code', 'measure', ['code'], SHARED)
    _unique('uq_measure_own', 'measure', ['authority_id', 'list_name', 'edition', 'code'], OWN)
    with op.batch_alter_table('organisation') as batch:
        batch.add_column(sa.Column('is_named', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('organisation') as batch:
        batch.alter_column('is_named', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    with op.batch_alter_table('partnership') as batch:
        batch.add_column(sa.Column('commitment_id', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('committed_amount', sa.BigInteger(), nullable=True))
        batch.create_foreign_key('fk_partnership_commitment_id_commitment', 'commitment', ['commitment_id'], ['id'])
        for name, rule in PROMISE.items():
            batch.create_check_constraint(op.f(name), rule)
    op.create_index('ix_partnership_commitment_id', 'partnership', ['commitment_id'])
    _roles(NEW)
    for statement in _ledger():
        op.execute(statement)


def downgrade() -> None:
    for table in ('claim', 'delivery'):
        for verb in ('INSERT', 'UPDATE') if table == 'claim' else ('UPDATE',):
            op.execute(f'DROP TRIGGER {table}_{verb}' + ('' if _is_sqlite() else f' ON {table}'))
    if not _is_sqlite():
        op.execute('DROP FUNCTION claim_fits()')
        op.execute('DROP FUNCTION delivery_holds()')
    newer = "('colleague', 'contract_manager', 'councillor')"
    theirs = f'SELECT id FROM membership WHERE role IN {newer}'
    op.execute(f'DELETE FROM sign_in WHERE membership_id IN ({theirs})')
    op.execute(f'DELETE FROM one_time_link WHERE role IN {newer}')
    op.execute(f'DELETE FROM membership WHERE role IN {newer}')
    _roles(OLD)
    op.drop_index('ix_partnership_commitment_id', 'partnership')
    with op.batch_alter_table('partnership') as batch:
        for name in PROMISE:
            batch.drop_constraint(op.f(name), type_='check')
        batch.drop_constraint('fk_partnership_commitment_id_commitment', type_='foreignkey')
        batch.drop_column('committed_amount')
        batch.drop_column('commitment_id')
    with op.batch_alter_table('organisation') as batch:
        batch.drop_column('is_named')
    for table in TABLES:
        op.drop_table(table)
    op.execute('DELETE FROM measure WHERE authority_id IS NOT NULL')
    for index in ('uq_measure_own', 'uq_measure_code', 'ix_measure_authority_id'):
        op.drop_index(index, 'measure')
    with op.batch_alter_table('measure') as batch:
        for name in ('fk_measure_stands_for_id_measure', 'fk_measure_authority_id_authority'):
            batch.drop_constraint(name, type_='foreignkey')
        batch.drop_constraint(op.f('ck_measure_shared_stands_for_itself'), type_='check')
        for column in ('retired_at', 'stands_for_id', 'licence', 'edition', 'list_name', 'authority_id'):
            batch.drop_column(column)
        batch.create_unique_constraint('uq_measure_code', ['code'])


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == 'sqlite'


def _unique(name: str, table: str, columns: list[str], which: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=which, postgresql_where=which)


def _roles(rule: str) -> None:
    """Let a membership be one of these, and nothing else."""
    indexes = {
        'uq_membership_organisation': (['user_id', 'organisation_id'], LIVE),
        'uq_membership_authority': (['user_id', 'authority_id'], LIVE),
        'uq_membership_administrator': (['user_id'], ADMINISTERS),
    }
    for name in indexes:  # SQLite makes the table anew, and would forget which rows they are for
        op.drop_index(name, 'membership')
    with op.batch_alter_table('membership') as batch:
        batch.drop_constraint(op.f(CHECK), type_='check')
        batch.create_check_constraint(op.f(CHECK), rule)
    for name, (columns, which) in indexes.items():
        _unique(name, 'membership', columns, sa.text(which))


def _ledger() -> list[str]:
    """The triggers that hold the ledger."""
    if _is_sqlite():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{TOO_MUCH}'); END"
        return [
            *(
                f"CREATE TRIGGER claim_{verb} AFTER {verb} ON claim WHEN NEW.state = 'standing'"
                f' AND NOT EXISTS ({FITS}) {refuse}'
                for verb in ('INSERT', 'UPDATE')
            ),
            f'CREATE TRIGGER delivery_UPDATE BEFORE UPDATE ON delivery WHEN {BREAKS} {refuse}',
        ]
    lock = 'PERFORM 1 FROM delivery WHERE id = NEW.delivery_id FOR UPDATE;'
    made = [
        _function('claim_fits', lock, f"NEW.state = 'standing' AND NOT EXISTS ({FITS})"),
        _function('delivery_holds', '', BREAKS),
    ]
    for name, table, function in (
        ('claim_INSERT', 'claim', 'claim_fits'),
        ('claim_UPDATE', 'claim', 'claim_fits'),
        ('delivery_UPDATE', 'delivery', 'delivery_holds'),
    ):
        when = name.partition('_')[2]
        made.append(f'CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()')
    return made


def _function(name: str, lock: str, broken: str) -> str:
    quoted = broken.replace("'", "''")
    return (
        f'CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS'
        f" 'BEGIN {lock} IF {quoted} THEN RAISE EXCEPTION ''{TOO_MUCH}''"
        " USING ERRCODE = ''integrity_constraint_violation''; END IF; RETURN NEW; END'"
    )
