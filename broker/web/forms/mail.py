"""The form that says what a person wants to be written to about."""

from wtforms import SelectMultipleField, ValidationError

from broker.domain.mail import MailTopic
from broker.web.forms.base import BaseForm

TOPIC = {
    MailTopic.LISTINGS: "What happens to our listings",
    MailTopic.MATCHES: "Matches and partnerships",
    MailTopic.PROMISES: "Promises to councils",
    MailTopic.IDEAS: "Projects that councillors suggest",
    MailTopic.DIGEST: "What waits on the desk, once a morning on weekdays",
}


class MailForm(BaseForm):
    """One box for each topic; none ticked is a choice as well."""

    topics = SelectMultipleField("Write to me about", validate_choice=False)

    def offer(self, topics: list[MailTopic]) -> None:
        self.topics.choices = [(str(topic), TOPIC[topic]) for topic in topics]

    def validate_topics(self, field: SelectMultipleField) -> None:
        """In words of ours: the library's own refusal repeats what was sent."""
        if not set(field.data or ()) <= {key for key, *_ in field.iter_choices()}:
            raise ValidationError("Tick only what stands here")

    @property
    def wanted(self) -> list[MailTopic]:
        """What is ticked, once `ok`."""
        return [MailTopic(topic) for topic in self.topics.data or ()]
