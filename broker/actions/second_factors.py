"""Codes from a telephone beside the password: setting them up, asking for one, and the ten for a lost telephone."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import delete

from broker.actions.links import themselves
from broker.actions.mail import owe_mail
from broker.actions.moving import record
from broker.actions.sign_ins import take_over
from broker.actions.tries import check_tries, note_failure
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.domain.sign_ins import Browser
from broker.domain.tries import Door
from broker.store.accounts import SignIn, User, awaited_code, end_sign_ins_of, hash_token
from broker.store.base import db
from broker.store.second_factors import (
    RecoveryCode,
    SecondFactor,
    second_factor_of,
    take_recovery_code,
    take_step,
)

HOW_MANY = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_AROUND = (0, -1, 1)  # telephones run a little slow or fast


def begin_set_up(by: Actor, keys: Sequence[str]) -> None:
    """A fresh secret to put into the app; nothing changes until a code of it is typed."""
    factor = db.session.get(SecondFactor, by.user_id) or SecondFactor(user_id=by.user_id)
    factor.waiting_secret = _vault(keys).encrypt(pyotp.random_base32().encode()).decode()
    db.session.add(factor)
    db.session.flush()


def waiting_secret(by: Actor, keys: Sequence[str]) -> str | None:
    """The secret that waits to be put into the app, if there is one."""
    factor = db.session.get(SecondFactor, by.user_id)
    return _open(factor.waiting_secret, keys) if factor else None


def address_for_app(secret: str, email: str, service: str) -> str:
    """What the square picture tells the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=service)


def set_up(by: Actor, code: str, sign_in_id: int, keys: Sequence[str], at: datetime) -> tuple[list[str], str]:
    """The app shows the right code: from now on one is asked for. Gives the recovery codes and a new sign-in's token.

    Every other browser is signed out, since it was signed in with less.
    """
    user = db.session.get_one(User, by.user_id)
    factor = db.session.get(SecondFactor, user.id)
    step = _step_of(_open(factor.waiting_secret, keys), code, at) if factor else None
    if factor is None or step is None:
        raise Unfit({"code": "wrong"})
    factor.secret, factor.waiting_secret = factor.waiting_secret, None
    factor.last_step, factor.set_up_at = step, at
    end_sign_ins_of(user.id, at, sign_in_id)
    codes = _new_codes(user)
    record(user, Action.SET_UP_SECOND_FACTOR, by)
    owe_mail(MailKind.SECOND_FACTOR_CHANGED, user)
    old = db.session.get_one(SignIn, sign_in_id)
    return codes, take_over(old, old.membership, old.proved_at, at)


def new_codes(by: Actor) -> list[str]:
    """Ten new recovery codes; the old ones end."""
    user = db.session.get_one(User, by.user_id)
    if second_factor_of(user.id) is None:
        raise Unfit({"code": "none"})
    record(user, Action.SET_UP_SECOND_FACTOR, by)
    owe_mail(MailKind.SECOND_FACTOR_CHANGED, user)
    return _new_codes(user)


def give_code(token: str, code: str, browser: Browser, keys: Sequence[str], at: datetime) -> str:
    """The code that goes with a password given a moment ago; gives the token of the sign-in that it opens.

    Unfit: "over" when it took too long, "wrong" for one that is not right or was used before.
    """
    half = awaited_code(hash_token(token), at)
    if half is None:
        raise Unfit({"code": "over"})
    user = half.membership.user
    check_tries(Door.CODE, str(user.id), browser, at)
    typed = re.sub(r"[\s-]", "", code).lower()
    if not _take(user, typed, keys, at):
        note_failure(Door.CODE, str(user.id), browser, at, user)
        raise Unfit({"code": "wrong"})
    half.awaits_code = False
    return take_over(half, half.membership, at, at)


def remove(by: Actor) -> None:
    """Sign in with the password alone from now on."""
    user = db.session.get_one(User, by.user_id)
    _remove(user)
    record(user, Action.REMOVE_SECOND_FACTOR, by)
    owe_mail(MailKind.SECOND_FACTOR_CHANGED, user)


def reset(user: User, by: Actor, at: datetime) -> None:
    """Somebody lost telephone and codes: an administrator, who has made sure that it is them, takes the codes away."""
    require(by, Action.RESET_SECOND_FACTOR)
    _remove(user)
    end_sign_ins_of(user.id, at)
    record(user, Action.RESET_SECOND_FACTOR, by)
    owe_mail(MailKind.SECOND_FACTOR_CHANGED, user)


def _take(user: User, typed: str, keys: Sequence[str], at: datetime) -> bool:
    factor = second_factor_of(user.id)
    if factor is None:
        return False
    if not typed.isdigit():
        if not take_recovery_code(user.id, hash_token(typed), at):
            return False
        record(user, Action.USE_RECOVERY_CODE, themselves(user))
        return True
    step = _step_of(_open(factor.secret, keys), typed, at)
    return step is not None and take_step(user.id, step)


def _remove(user: User) -> None:
    db.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _new_codes(user: User) -> list[str]:
    """Ten codes of 79 bits each, which nobody guesses from their hashes."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(HOW_MANY)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=hash_token(code)) for code in codes)
    db.session.flush()
    return ["-".join(re.findall("....", code)) for code in codes]


def _step_of(secret: str | None, code: str, at: datetime) -> int | None:
    """The time step whose code this is, now or one step away; None for a wrong one."""
    typed = re.sub(r"[\s-]", "", code).encode()
    if secret is None:
        return None
    app = pyotp.TOTP(secret)
    steps = [app.timecode(at) + away for away in _AROUND]
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), typed)), None)


def _vault(keys: Sequence[str]) -> MultiFernet:
    """The keys of this installation, newest first: a copy of the database alone gives nobody a code."""
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"second factor {key}".encode()).digest())) for key in keys]
    )


def _open(kept: str | None, keys: Sequence[str]) -> str | None:
    """The secret; None when the key it was kept under is gone, and a recovery code or an administrator must help."""
    if kept is None:
        return None
    try:
        return _vault(keys).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None
