"""Rules that reward an occasion: `fixed` (a review, a vote, a check-in, …) and `share`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from linli.rules.matrices import points_of
from linli.rules.outcome import Skip
from linli.rules.programme import ORDERS, Fixed, Share
from linli.rules.scene import Apply, Makings, Scene, event_maker
from linli.words.events import Event
from linli.words.grants import Award, Part

MOST_KEY_CHARACTERS = 400
_NATURAL = {
    "review.created": ("review", "review_id"),
    "vote.cast": ("vote", "vote_id"),
    "group.opened": ("opened", "group_id"),
    "group.formed": ("formed", "group_id"),
    "group.failed": ("failed", "group_id"),
    "group.joined": ("joined", "group_id"),
    "share.converted": ("converted", "order_id"),
    "order.paid": ("order", "order_id"),
    "order.completed": ("order", "order_id"),
}
"""Event type → (prefix, field) of what happened by nature once, under however many event ids it is told."""


def fixed(rule: Fixed, version: int, makings: Makings) -> Apply:
    """`points` for the event, under a key that says how often. With an order's key it follows the order's refunds."""
    rule_id, everywhere, key_of = rule.id, rule.points, _key_maker(rule)
    grid = points_of(rule.matrix) if rule.matrix is not None else None
    make, mode = event_maker(rule, version, makings.dates(rule)), makings.programme.rounding.mode
    reasons = ("no_order", "too_small", "no_cell", "cell_gives_nothing")
    no_order, too_small, no_cell, nothing = (Skip(rule_id, reason) for reason in reasons)
    per_order = rule.limit in ("order", "event")

    def apply(scene: Scene) -> None:
        event, points = scene.event, everywhere
        if grid is not None:
            points = grid.at(scene.tier(), scene.body.city)
        if not points:
            return scene.skipped.append(no_cell if points is None else nothing)
        key = key_of(event)
        if key is None:
            return scene.skipped.append(no_order)
        order_id = getattr(scene.body, "order_id", None)
        if per_order and event.body.type in ORDERS:
            paid_fen = scene.body.paid_fen
            if paid_fen == 0:  # nothing was paid, so nothing could be given back in proportion
                return scene.skipped.append(too_small)
            scene.awards.append(Award(key, rule_id, version, (Part(points, paid_fen),), mode))
        scene.grants.append(make(event, event.member_id, key, points, order_id))
        return None

    return apply


def _key_maker(rule: Fixed) -> Callable[[Event], str | None]:
    rule_id = rule.id

    def by_event(event: Event) -> str:
        natural = _NATURAL.get(event.body.type)
        if natural is not None:
            return f"{natural[0]}:{getattr(event.body, natural[1])}:{rule_id}"
        return _event_key(event, rule_id)

    def by_order(event: Event) -> str | None:
        order_id = getattr(event.body, "order_id", None)
        return None if order_id is None else f"order:{order_id}:{rule_id}"

    if rule.limit == "event":
        return by_event
    if rule.limit == "order":
        return by_order
    if rule.limit == "day":
        return lambda event: f"day:{rule_id}:{event.business_on}"
    if rule.limit == "month":
        return lambda event: f"month:{rule_id}:{event.business_on.isoformat()[:7]}"
    return lambda event: f"once:{rule_id}"


def _event_key(event: Event, rule_id: str) -> str:
    # Escaped, so that no other (source, event_id) can spell the same key; hashed where the key would be too long.
    event_id = event.event_id.replace("%", "%25").replace(":", "%3A")
    key = f"event:{event.source}:{event_id}:{rule_id}"
    if len(key) > MOST_KEY_CHARACTERS:
        key = f"event:sha256-{hashlib.sha256(key.encode()).hexdigest()}:{rule_id}"
    return key


def share(rule: Share, version: int, makings: Makings) -> Apply:
    """Points for the one who shared and for the friend who ordered."""
    rule_id, sharer_points, friend_points = rule.id, rule.sharer_points, rule.friend_points
    make = event_maker(rule, version, makings.dates(rule))
    self_share = Skip(rule_id, "self_share")

    def apply(scene: Scene) -> None:
        body, event = scene.body, scene.event
        if body.friend_id == body.member_id:
            return scene.skipped.append(self_share)
        order_id = body.order_id
        if sharer_points:
            key = f"share:{rule_id}:{order_id}"
            scene.grants.append(make(event, body.member_id, key, sharer_points, order_id))
        if friend_points:
            key = f"shared:{rule_id}:{order_id}"
            scene.grants.append(make(event, body.friend_id, key, friend_points, order_id))
        return None

    return apply
