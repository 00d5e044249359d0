"""As time passes the worker reminds whoever was asked to confirm, and then takes silence for what it is."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from broker.domain.clock import now
from broker.domain.mail import MailKind
from broker.store.base import db
from broker.store.deliveries import Delivery
from broker.store.outbox import Outbox
from broker.work import jobs, worker
from tests.promises import Scene


def count(kind: MailKind) -> int:
    return db.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.kind == kind)) or 0


def test_first_a_reminder_then_silence(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "work_off", lambda: 0)
    made = Scene().logged().id
    db.session.commit()
    morning = now().replace(hour=9)
    for days, reminded, silent, state in ((1, 0, 0, "logged"), (8, 1, 0, "logged"), (16, 1, 1, "unconfirmed")):
        with time_machine.travel(morning + timedelta(days=days), tick=False):
            worker.let_time_pass()
        told = (count(MailKind.DELIVERY_REMINDED), count(MailKind.DELIVERY_UNCONFIRMED))
        assert (*told, db.session.get_one(Delivery, made).state) == (reminded, silent, state), f"after {days} days"
