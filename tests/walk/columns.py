"""Every column of words: who may read what is written there. A new column must be placed in one of the lists.

Private ones hold a canary of the walk; secrets are never put on a page; some are read on a person's own pages alone,
whose addresses name nobody; all others are open to whoever reaches the thing.
"""

from sqlalchemy import String, Text

from broker.store.base import Base


def _names(text: str) -> set[str]:
    return set(text.split())


PRIVATE = _names("""
    user.email organisation.contact_name organisation.contact_email organisation.contact_phone
    organisation.referee_name organisation.referee_contact listing_version.body listing_version.safeguarding
    listing.source_notes note.text listing_boost.reason partnership.what contract.manager_name commitment.what
    milestone.what delivery.note delivery.apart delivery.place evidence.what stored_file.name project_idea.text
    project_idea.answer confirmation.sentence feedback.words
""")
NEVER_SHOWN = _names("""
    user.password_hash one_time_link.token_hash sign_in.token_hash outbox.token recovery_code.code_hash
    second_factor.secret second_factor.waiting_secret submission.key_hash submission.place staff_identity.issuer
    staff_identity.subject failed_try.account failed_try.place listing.text_hash listing_version.searchable
    confirmation_link.token_hash stored_file.sha256
""")
OF_ONE_PERSON = _names("""
    one_time_link.new_email sign_in.browser sign_in.place outbox.address trial.need trial.offer
""")
OPEN_WORDS = _names("""
    authority.framework_code authority.name authority.region authority_rule.name authority_rule.note
    authority_rule.source authority_rule.unit authority_rule.value contact_point.address contact_point.controller
    contact_point.email contact_point.phone contact_point.protection_email decided_reason.engine event.action
    event.request_id event.subject event_head.hash event_link.hash event_link.previous exposure_report.deprivation
    framework.code framework.licence framework.name framework.source framework_rule.name framework_rule.note
    framework_rule.source framework_rule.unit framework_rule.value identifier.number import.encoding
    import.filename job.dedupe job.error job.kind listing.source_id listing_guess.value listing_skill.skill
    listing_version.place_note listing_version.title match.decline_reason match.engine measure.code measure.evidence_min
    measure.exclusive_group measure.label measure.unit node.code node.label node.summary node_mapping.hub_code
    node_mapping.rationale node_mapping.reviewed_by note.subject organisation.does organisation.name
    organisation.place organisation.serves outbox.error outbox.kind outbox.message_id outbox.once outbox.subject
    posting.closing_reason preference.engine setting.name setting.value suggestion.engine synonym.name
    contract.title contract.buyer contract.identifier measure.list_name measure.edition measure.licence
    valuation_edition.name valuation_edition.licence_note valuation_edition.source project_idea.title
    synonym_phrase.text text_words.reader user.name ward.name ward_deprivation.source weighing.engine
""")


def columns_of_words() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Text) or (isinstance(column.type, String) and (column.type.length or 0) >= 40)
    }
