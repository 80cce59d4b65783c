"""Versions in the shadow: they judge what the live one judges, grant nothing, and the difference is noted.

Nothing here may fail an event, or wait for one: a shadow that fails is a figure of the shadow's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from linli import programmes
from linli.flows.batch import Batch, EventKey, Shadowed
from linli.flows.budget import closed
from linli.flows.live import LiveProgrammes
from linli.inbox import Outcome
from linli.kit.db import Connection, later
from linli.programmes import Line, Sample
from linli.rules import RuleFailed
from linli.words.events import Event
from linli.words.facts import MemberFacts

_MOST_SAMPLES = 20
"""Of one batch: where everything comes out differently, a few say it."""


def look_from_the_shadow(
    batch: Batch, live: LiveProgrammes, event: Event, before: MemberFacts, after: MemberFacts
) -> None:
    """Let each version in the shadow judge an event that was taken in."""
    for compiled in live.shadows(event.occurred_at):
        try:
            found, failure = compiled.evaluate(event, before, after, closed(compiled, batch.resting, event)), None
        except RuleFailed as failed:
            found, failure = None, f"{failed.rule}: {failed.detail}"
        except Exception as error:  # whatever it is, it is no matter of the live path
            found, failure = None, type(error).__name__
        batch.shadowed.append(Shadowed(event, compiled.version, found, failure))


def note_differences(conn: Connection, batch: Batch) -> None:
    """Write what the shadows would have promised beside what was promised; it rides with the commit."""
    if not batch.shadowed:
        return
    lines: list[Line] = []
    samples: list[tuple[int, Sample]] = []
    for place, shadowed in enumerate(batch.shadowed):
        lines_of, sample = _compare(shadowed, place, batch.outcomes)
        lines += lines_of
        if sample is not None and len(samples) < _MOST_SAMPLES:
            samples.append((shadowed.version, sample))
    later(conn, programmes.note_shadow(conn, lines, samples))


def _compare(
    shadowed: Shadowed, place: int, outcomes: Mapping[EventKey, Outcome]
) -> tuple[list[Line], Sample | None]:  # fmt: skip
    """One event. What the member had already is nothing new to either side; without a verdict of the shadow's, the
    figures of both are left out, so that they stay comparable."""
    event, version, found, failure = shadowed
    outcome, on = outcomes[event.source, event.event_id], event.business_on
    lines = [Line(version, on, place, failed=int(found is None))]
    live: Counter[str] = Counter()
    shadow: Counter[str] = Counter()
    if found is not None:
        given = {(granted.member_id, granted.key): granted for granted in outcome.granted}
        had = {skip.detail.get("key") for skip in outcome.skipped if skip.reason == "already_granted"}
        moved = [move.grant for move in found.moves if (move.grant.member_id, move.grant.key) in given]
        wanted = {(grant.member_id, grant.key): grant for grant in [*found.grants, *moved] if grant.key not in had}
        for granted in given.values():
            live[granted.rule] += granted.points
            other = wanted.get((granted.member_id, granted.key))
            # A key says which rule it is of; where it is given by another one, each side has its own line.
            alike = other.points if other and other.rule == granted.rule else 0
            lines.append(Line(version, on, place, granted.rule, granted.points, alike))
        for key, grant in wanted.items():
            shadow[grant.rule] += grant.points
            known = given.get(key)
            if known is None:
                lines.append(
                    Line(version, on, place, grant.rule, 0, grant.points, 0, grant.member_id, grant.key)
                )  # fmt: skip
            elif known.rule != grant.rule:
                lines.append(Line(version, on, place, grant.rule, 0, grant.points))
    if found is not None and live == shadow:
        return lines, None
    about = (event.body.member_id, event.source, event.event_id, event.body.type, event.occurred_at)
    return lines, Sample(*about, dict(live), dict(shadow), failure)
