"""A person at a browser without scripts: opens pages, follows links, fills in forms as they stand, presses buttons."""

from collections.abc import Iterator, Mapping
from datetime import date
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.conftest import PageChecker

Typed = str | bool | list[str] | tuple[object, str]


def said(element: Element) -> str:
    """What an element says, blanks as one."""
    return " ".join("".join(element.itertext()).split())


def day(name: str, value: date) -> dict[str, str]:
    """A date as it is typed into its three boxes."""
    return {f"{name}-day": str(value.day), f"{name}-month": str(value.month), f"{name}-year": str(value.year)}


class Visitor:
    """`page` is what is on the screen, `path` is where it stands; every form carries its own token."""

    def __init__(self, client: PageChecker) -> None:
        self.client = client
        self.raw, self.path, self.status = "", "/", 0
        self.page = Element("html")

    def go(self, path: str, status: int = 200) -> "Visitor":
        """Open an address, redirects followed; what comes must have this status."""
        return self._arrive(self.client.get(urlsplit(urljoin(self.path, path))._replace(fragment="").geturl(),
                                            follow_redirects=True), status)  # fmt: skip

    def click(self, text: str, status: int = 200) -> "Visitor":
        """Follow the first link that says this."""
        return self.go(self._link(text), status)

    def press(
        self, button: str, typed: Mapping[str, Typed] | None = None, at: str = "", status: int = 200
    ) -> "Visitor":
        """Fill in the form that has this button (the one sent to `at`, where several have it), and send it."""
        form, pressed = self._form(button, at)
        sent = self._filled(form, dict(typed or {}))
        if pressed.get("name"):
            sent.add(str(pressed.get("name")), pressed.get("value", ""))
        action = pressed.get("formaction") or form.get("action") or self.path
        target = urljoin(self.path, action).partition("#")[0]
        if form.get("method", "get").lower() == "get":
            return self.go(f"{target}?{urlencode(list(sent.items(multi=True)))}", status)
        return self._arrive(self.client.post(target, data=sent, follow_redirects=True), status)

    def sees(self, *texts: str) -> "Visitor":
        """Fail unless the page says all of these."""
        page = said(self.page)
        missing = [text for text in texts if text not in page]
        assert not missing, f"{self.path} does not say {missing}:\n{page}"
        return self

    def misses(self, *texts: str) -> "Visitor":
        """Fail if any of these stands anywhere in what was sent, visible or not."""
        found = [text for text in texts if text in self.raw]
        assert not found, f"{self.path} says {found}"
        return self

    def buttons(self) -> list[str]:
        """What can be pressed on this page."""
        return [said(button) for button in self.page.iter("button")]

    def links(self) -> dict[str, str]:
        """Where each link leads, by what it says; the first where several say the same."""
        found: dict[str, str] = {}
        for link in self.page.iter("a"):
            found.setdefault(said(link), link.get("href", ""))
        return found

    def number(self) -> int:
        """The number of the thing that this page is about."""
        return int(next(part for part in reversed(self.path.partition("?")[0].split("/")) if part.isdecimal()))

    def value(self, name: str) -> str:
        """What stands in a field."""
        field = next(each for each in self.page.iter() if each.get("name") == name)
        return dict(self._own(field)).get(name, "")

    def option(self, name: str, text: str) -> str:
        """What a choice sends that says this: of a list, of radio buttons or of boxes to tick."""
        for field in self.page.iter():
            if field.get("name") == name and field.tag == "select":
                return next(each.get("value", "") for each in field.iter("option") if text in said(each))
        labels = {label.get("for"): said(label) for label in self.page.iter("label")}
        boxes = [field for field in self.page.iter("input") if field.get("name", "").startswith(name)]
        return next(box.get("value", "") for box in boxes if text in labels[box.get("id")])

    def _arrive(self, response: TestResponse, status: int) -> "Visitor":
        self.raw = response.get_data(as_text=True)
        self.path, self.status = response.request.full_path.rstrip("?"), response.status_code
        self.page = html5lib.parse(self.raw, namespaceHTMLElements=False)
        assert self.status == status, f"{self.path} answered {self.status}:\n{said(self.page)}"
        return self

    def _link(self, text: str) -> str:
        links = self.links()
        assert text in links, f"{self.path} has no link {text!r} but {sorted(links)}"
        return links[text]

    def _form(self, button: str, at: str) -> tuple[Element, Element]:
        for form in self.page.iter("form"):
            for pressed in form.iter("button"):
                if said(pressed) == button and form.get("action", "").endswith(at):
                    return form, pressed
        raise AssertionError(f"{self.path} has no button {button!r} {at} but {self.buttons()}")

    def _filled(self, form: Element, typed: dict[str, Typed]) -> MultiDict[str, object]:
        """Everything that the browser would send: what stood there, changed where it was typed."""
        sent: MultiDict[str, object] = MultiDict()
        for field in form.iter():
            name = field.get("name")
            if name and field.tag in ("input", "select", "textarea"):
                for key, value in self._own(field) if name not in typed else self._changed(field, typed[name]):
                    sent.add(key, value)
        names = {field.get("name") for field in form.iter()}
        assert not typed.keys() - names, f"{self.path} has no field {typed.keys() - names} beside {names}"
        for name, value in typed.items():
            wanted = value if isinstance(value, list) else [value]
            if isinstance(value, str | list):
                assert all(each in sent.getlist(name) for each in wanted), f"{name} does not offer {wanted}"
        return sent

    def _own(self, field: Element) -> Iterator[tuple[str, str]]:
        """What a field sends when nobody touches it."""
        name, kind = str(field.get("name")), field.get("type", "text")
        if field.tag == "textarea":
            yield name, (field.text or "").removeprefix("\n")
        elif field.tag == "select":
            options = list(field.iter("option"))
            chosen = [each for each in options if each.get("selected") is not None] or options[:1]
            yield from ((name, each.get("value", said(each))) for each in chosen)
        elif kind in ("checkbox", "radio"):
            if field.get("checked") is not None:
                yield name, field.get("value", "on")
        elif kind != "file":
            yield name, field.get("value", "")

    def _changed(self, field: Element, typed: Typed) -> Iterator[tuple[str, object]]:
        """The same for a field that somebody changed; a choice can only be one of those on the page."""
        name, kind = str(field.get("name")), field.get("type", "text")
        if field.tag == "select":
            offered = {each.get("value", said(each)) for each in field.iter("option")}
            yield from ((name, value) for value in [typed] if value in offered)
        elif kind in ("checkbox", "radio"):
            wanted = typed if isinstance(typed, list) else [typed]
            if field.get("value") in wanted or (typed is True and kind == "checkbox"):
                yield name, field.get("value", "on")
        else:
            yield name, typed
