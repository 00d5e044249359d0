"""Forms of frameworks: a file for a new one, and the names and summaries of a draft."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, Length

from broker.actions.framework_drafts import DraftChanges, NewNode, NodeWords
from broker.domain.kinds import NodeKind
from broker.store.frameworks import Framework, Node
from broker.web import words
from broker.web.forms.base import BaseForm

LABEL = Length(max=200, message="Keep this under 200 characters")
SUMMARY = Length(max=2000, message="Keep this under 2,000 characters")
NAME = "Give it a name, or tick the box to take it out"
BY_ITSELF = SelectChoice("0", "By itself")
MAY_HOLD = frozenset({NodeKind.THEME, NodeKind.MISSION})  # what a priority may stand under
NEW_TOPS = {"new_theme": NodeKind.THEME, "new_priority": NodeKind.PRIORITY, "new_principle": NodeKind.PRINCIPLE}


class AddForm(BaseForm):
    file = FileField("A framework file (TOML)")
    text = TextAreaField("Or paste its text here")

    def content(self) -> tuple[bytes | str, str] | None:
        """What was sent and what to call it; None where nothing was."""
        if self.file.data:
            return self.file.data.read(), self.file.data.filename or "the file"
        return (self.text.data, "the text") if self.text.data else None


class DraftForm(BaseForm):
    """The whole draft on one page; fields for its nodes are made by `form_for`."""

    row_version = HiddenField()
    name = StringField("Name of the framework", validators=[DataRequired("Give the framework a name"), LABEL])
    new_theme = StringField("A new theme", validators=[LABEL])
    new_priority = StringField("A new priority that stands by itself", validators=[LABEL])
    new_principle = StringField("A new principle", validators=[LABEL])

    node_ids: tuple[int, ...] = ()
    top_ids: tuple[int, ...] = ()

    def of(self, node_id: int, part: str) -> Field | None:
        """The field of a node: its label, summary, parent, removed or added."""
        found: Field | None = getattr(self, f"{part}_{node_id}", None)
        return found

    def validate(self, extra_validators: Any = None) -> bool:
        """A name is needed for every node that stays."""
        sound = bool(super().validate(extra_validators))
        for node_id in self.node_ids:
            label = self.of(node_id, "label")
            if label is not None and not label.data and not self._said(node_id, "removed"):
                label.errors = [*label.errors, NAME]
                sound = False
        return sound

    def changes(self) -> DraftChanges:
        """What this saving says."""
        seen = str(self.row_version.data or "")
        removed = frozenset(node_id for node_id in self.node_ids if self._said(node_id, "removed"))
        return DraftChanges(
            row_version=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
            name=self.name.data or "",
            words={node_id: self._words(node_id) for node_id in self.node_ids if node_id not in removed},
            removed=removed,
            added=tuple(self._added()),
        )

    def _words(self, node_id: int) -> NodeWords:
        parent = int(self._said(node_id, "parent") or 0)
        return NodeWords(str(self._said(node_id, "label")), str(self._said(node_id, "summary") or ""), parent or None)

    def _said(self, node_id: int, part: str) -> Any:
        field = self.of(node_id, part)
        return field.data if field is not None else None

    def _added(self) -> Iterator[NewNode]:
        for node_id in self.top_ids:
            label = self._said(node_id, "added")
            if label:
                yield NewNode(NodeKind.PRIORITY, str(label), node_id)
        for name, kind in NEW_TOPS.items():
            label = getattr(self, name).data
            if label:
                yield NewNode(kind, label)


def form_for(draft: Framework) -> DraftForm:
    """The form of this draft, as typed in this request or as saved."""
    tops = [node for node in draft.nodes if node.parent_id is None and node.kind in MAY_HOLD]
    fields: dict[str, Any] = {"node_ids": tuple(node.id for node in draft.nodes), "top_ids": tuple(t.id for t in tops)}
    saved: dict[str, Any] = {"name": draft.name, "row_version": str(draft.row_version)}
    for node in draft.nodes:
        for part, field, value in _parts(node, tops):
            fields[f"{part}_{node.id}"] = field
            saved[f"{part}_{node.id}"] = value
    made: DraftForm = type("FormOfDraft", (DraftForm,), fields).sent(data=saved)  # type: ignore[attr-defined]
    return made


def _parts(node: Node, tops: Iterable[Node]) -> Iterator[tuple[str, Any, object]]:
    kind = words.NODE_KIND[node.kind]
    yield "label", StringField(kind, validators=[LABEL]), node.label
    yield "summary", TextAreaField("What it means", validators=[SUMMARY]), node.summary
    yield "removed", BooleanField(f"Take this {kind.lower()} out"), False
    if node.kind in (NodeKind.PRIORITY, NodeKind.OUTCOME) and node not in tops:
        choices = [SelectChoice(str(top.id), top.label[:80]) for top in tops]
        yield "parent", SelectField("Stands under", choices=[BY_ITSELF, *choices]), str(node.parent_id or 0)
    if node in tops:
        yield "added", StringField(f"A new priority under this {kind.lower()}", validators=[LABEL]), ""
