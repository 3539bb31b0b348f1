"""Functions on places, on a sphere as ODK measures."""

from __future__ import annotations

import math
from itertools import pairwise

from casebook.forms.expressions.context import Context
from casebook.forms.expressions.registry import ANY, FUNCTIONS, function
from casebook.forms.values import NAN, Value, to_text

_EARTH_RADIUS_M = 6_378_100.0
_Point = tuple[float, float]


def _points(value: Value) -> list[_Point] | None:
    """Latitude and longitude of each point of a geopoint, trace or shape; None if one cannot be read."""
    if isinstance(value, list) and len(value) > 1:
        source = [node.string() for node in value]
    else:
        source = [part for part in to_text(value).split(";") if part.strip()]
    found: list[_Point] = []
    for part in source:
        numbers = part.split()
        try:
            found.append((float(numbers[0]), float(numbers[1])))
        except (ValueError, IndexError):
            return None
    return found


def _apart(one: _Point, other: _Point) -> float:
    lat1, lng1, lat2, lng2 = map(math.radians, (*one, *other))
    curve = math.sin((lat2 - lat1) / 2) ** 2 + (
        math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(curve)))


@function("distance", 1, ANY)
def _distance(context: Context, *values: Value) -> Value:
    """Metres along all points, to the centimetre."""
    points: list[_Point] = []
    for value in values:
        found = _points(value)
        if found is None:
            return NAN
        points += found
    return round(sum(_apart(a, b) for a, b in pairwise(points)), 2) if points else 0.0


@function("area", 1)
def _area(context: Context, value: Value) -> Value:
    """Square metres inside the points."""
    points = _points(value)
    if not points or len(points) < 3:
        return 0.0
    total = 0.0
    for (lat1, lng1), (lat2, lng2) in zip(points, [*points[1:], points[0]], strict=True):
        total += math.radians(lng2 - lng1) * (
            2 + math.sin(math.radians(lat1)) + math.sin(math.radians(lat2))
        )
    return round(abs(total * _EARTH_RADIUS_M**2 / 2), 2)


FUNCTIONS["enclosed-area"] = FUNCTIONS["area"]


@function("geofence", 2)
def _geofence(context: Context, point: Value, shape: Value) -> Value:
    """Whether the point lies inside the shape."""
    here, corners = _points(point), _points(shape)
    if not here or not corners:
        return False
    lat, lng = here[0]
    inside = False
    for (lat1, lng1), (lat2, lng2) in zip(corners, [corners[-1], *corners], strict=False):
        if (lat1 > lat) != (lat2 > lat) and lng < (lng2 - lng1) * (lat - lat1) / (lat2 - lat1) + lng1:
            inside = not inside
    return inside
