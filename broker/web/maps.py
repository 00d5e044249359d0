"""A council area drawn ward by ward, with how much is open in each."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from broker.domain.outlines import outline_paths
from broker.store.authorities import all_authorities
from broker.store.market import open_by_ward
from broker.store.places import Ward, wards_with_outlines
from broker.web.forms.base import typed
from broker.web.guard import public

bp = Blueprint("maps", __name__)

WIDTH = 600


@bp.get("/listings/map")
@public
def wards() -> ResponseReturnValue:
    areas = all_authorities()
    area = next((area for area in areas if area.code == typed("authority")), None)
    drawn = wards_with_outlines(area.code) if area else []
    numbers = open_by_ward(area.code) if area and drawn else {}
    paths, height = outline_paths([ward.outline or {} for ward in drawn], WIDTH)
    shapes = [_shape(ward, path, numbers) for ward, path in zip(drawn, paths, strict=True)]
    choices = [("", "Choose"), *((each.code, each.name) for each in areas)]
    return render_template("browse/map.html", choices=choices, area=area, shapes=shapes, box=f"0 0 {WIDTH} {height}")


def _shape(ward: Ward, path: str, numbers: dict[int, int]) -> dict[str, object]:
    href = f"/listings?authority={typed('authority')}&ward={ward.code}"
    return {"name": ward.name, "path": path, "value": numbers.get(ward.id, 0), "href": href}
