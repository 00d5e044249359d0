"""The form of words that mean the same: one phrase a line, as officers type them."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length

from broker.domain.kinds import Telling
from broker.domain.refusals import Unfit
from broker.domain.synonyms import LONGEST, MOST_PHRASES, as_phrases
from broker.store.synonyms import Synonym
from broker.web import words
from broker.web.forms.base import BaseForm

LIST = Length(max=5000, message="Keep this under 5,000 characters")
# What a rule says no to, with the phrase that it means.
PROBLEMS = {
    "name:missing": "Give it a name, such as “help with homework”",
    "name:long": f"Keep the name under {LONGEST} characters",
    "name:taken": "There is an entry of this name already. Look for it in the list and add your words there",
    "missing": "Write at least two ways to say it, one on each line",
    "few": "Write one more way to say it: the computer needs two that mean the same",
    "many": f"An entry can have {MOST_PHRASES} phrases. Leave some out, or make two entries",
    "long": "“{phrase} …” is too long. Keep each phrase under " + f"{LONGEST} characters",
    "empty": "“{phrase}” has no word that says what it is about. Add one, or leave it out",
    "twice": "“{phrase}” stands here twice. Keep it once",
}


class SynonymForm(BaseForm):
    name = StringField("What is it?")
    say = TextAreaField("Ways to say it", [LIST])
    hint = TextAreaField("Words that only suggest it", [LIST])
    kinds = SelectMultipleField("Kind of support that it usually is", validate_choice=False)
    themes = SelectMultipleField("What it usually helps with", validate_choice=False)

    def offer(self, outcomes: Mapping[str, str]) -> None:
        """Let these shared outcomes (code, label) be chosen."""
        self.kinds.choices = {str(kind): text for kind, text in words.SUPPORT_KIND.items()}
        self.themes.choices = dict(outcomes)

    def only_phrases(self) -> None:
        """For an entry that shipped: officers add phrases to it and change nothing else."""
        self.say.label.text, self.hint.label.text = "More ways to say it", "More words that only suggest it"
        del self.name, self.kinds, self.themes

    def facts(self, entry: Synonym | None = None) -> dict[str, Any]:
        """What was typed, as the action takes it; what the form does not ask is as it was."""
        said: dict[str, Any] = {"say": as_phrases(self.say.data or ""), "hint": as_phrases(self.hint.data or "")}
        if entry and entry.is_shipped:
            return said | {field: getattr(entry, field) for field in ("name", "kinds", "themes")}
        for field in (self.kinds, self.themes):
            said[field.name] = [str(key) for key, *_ in field.iter_choices() if key in (field.data or [])]
        return said | {"name": " ".join((self.name.data or "").split())}

    def tell(self, refusal: Unfit) -> None:
        """Put a rule's refusal at its fields, in words."""
        for field, problem in refusal.problems.items():
            code, _, phrase = problem.partition(":")
            text = PROBLEMS.get(f"{field}:{code}") or PROBLEMS[code]
            self.put(Unfit({field: text.format(phrase=phrase)}), {})


def synonym_form(outcomes: Mapping[str, str], entry: Synonym | None = None) -> SynonymForm:
    """The form for a new entry, or filled with what officers may change of this one."""
    data: dict[str, Sequence[str] | str] = {}
    if entry:
        data = {"name": entry.name, "kinds": entry.kinds, "themes": entry.themes}
        data |= {telling: "\n".join(entry.texts(telling, shipped=False)) for telling in Telling}
    form = SynonymForm.sent(data=data)
    form.offer(outcomes)
    if entry and entry.is_shipped:
        form.only_phrases()
    return form
