"""Whether the terms of an item fit together. Pure."""

from __future__ import annotations

from typing import NamedTuple

from linli.mall.types import ItemTerms


class TermsFault(NamedTuple):
    """What is wrong, where: a key of `i18n/mall.json`."""

    place: str
    code: str


def faults_of(terms: ItemTerms) -> list[TermsFault]:
    """All that does not fit; [] where the item can be listed."""
    found: list[TermsFault] = []
    if terms.listed_from and terms.listed_until and terms.listed_until <= terms.listed_from:
        found.append(TermsFault("listed_until", "ends_before_it_begins"))
    if (terms.kind == "coupon") != (terms.coupon_template_id is not None):
        found.append(TermsFault("coupon_template_id", "template_of_coupon"))
    if terms.kind == "coupon" and terms.price_fen:
        found.append(TermsFault("price_fen", "coupon_for_cash"))
    if terms.sourcing == "near_expiry" and terms.best_before is None:
        found.append(TermsFault("best_before", "no_best_before"))
    if terms.sourcing == "sponsored" and terms.supplier is None:
        found.append(TermsFault("supplier", "no_supplier"))
    if terms.price_fen > terms.worth_fen:
        found.append(TermsFault("price_fen", "dearer_than_shops"))
    spans = [limit.per for limit in terms.limits]
    if len({*spans}) < len(spans):
        found.append(TermsFault("limits", "limit_twice"))
    return found
