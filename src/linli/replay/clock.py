"""The simulated clock: a file that the driver writes and that the API and the sweeps read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

EVENING = time(23, 50)
"""When a business date's events are sent: late enough that all of them have happened, or nearly (`inbox.AHEAD`)."""
NIGHT = time(0, 30)
"""When the sweeps run."""


class SimulatedClock:
    """Shows what it was last set to, here and to every process that reads its file (`LINLI_CLOCK_FILE`)."""

    def __init__(self, path: Path, zone: ZoneInfo, at: date) -> None:
        self._path, self._zone = path, zone
        self.evening(at)

    def __call__(self) -> datetime:
        """The simulated instant."""
        return self._now

    def evening(self, on: date) -> None:
        """Late on business date `on`."""
        self.set(datetime.combine(on, EVENING, self._zone))

    def night(self, on: date) -> None:
        """Early on business date `on`, in the night that ends the date before."""
        self.set(datetime.combine(on, NIGHT, self._zone))

    def set(self, at: datetime) -> None:
        """Let it be `at`."""
        self._now = at
        # Moved into place, so that nobody ever reads half an instant.
        new = self._path.with_name(self._path.name + ".new")
        new.write_text(at.isoformat())
        new.replace(self._path)


def next_day(on: date) -> date:
    """The business date after `on`."""
    return on + timedelta(days=1)
