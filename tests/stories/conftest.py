"""Stories are told to the real API."""

from __future__ import annotations

from tests.api.conftest import api, document, more_settings, preset

__all__ = ["api", "document", "more_settings", "preset"]
