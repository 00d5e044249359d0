"""Authorities: adding a council that will run the market in its area."""

import re

from broker.actions.moving import begin
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority, authority_by_code

ONS_CODE = re.compile(r"[A-Z][0-9]{8}")


def add_authority(by: Actor, *, code: str, name: str, region: str = "", framework_code: str = "") -> Authority:
    """A new authority. Unfit when the code is no ONS code, or is there already."""
    require(by, Action.ADD_AUTHORITY)
    plain = "".join(code.split()).upper()
    if not ONS_CODE.fullmatch(plain):
        raise Unfit({"code": "shape"})
    if authority_by_code(plain) is not None:
        raise Unfit({"code": "taken"})
    authority = Authority(code=plain, name=name, region=region, framework_code=framework_code or None)
    begin(authority, Action.ADD_AUTHORITY, by)
    return authority
