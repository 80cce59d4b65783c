"""The programme: its drafts, its versions, and for whom each version holds. Owns `programmes_*`.

A version never changes, nor does a step of its rollout: what held at an instant can be told for ever.
"""

from linli.programmes.buckets import (
    ELSEWHERE,
    RolloutOverlap,
    Shares,
    has,
    percent_of,
    ranges_of,
    share_out,
)
from linli.programmes.drafts import (
    Draft,
    DraftChanged,
    DraftLine,
    DraftNotFound,
    DraftState,
    DraftStateRefused,
    add_draft,
    drafts,
    edit_draft,
    get_draft,
    set_state,
)
from linli.programmes.rollouts import (
    OVER,
    Guardrails,
    Rollout,
    Stage,
    Step,
    Trial,
    add_rollout,
    add_step,
    homes,
    keep_homes,
    latest_step,
    rollout,
    rollouts,
    steps_of,
    steps_since,
    whole_at,
)
from linli.programmes.shadow import (
    Line,
    Sample,
    ShadowDay,
    Sums,
    note_shadow,
    shadow_days,
    shadow_samples,
    shadow_sums,
)
from linli.programmes.versions import (
    Published,
    VersionNotFound,
    add,
    get_version,
    latest_version,
    lock,
    since,
    version,
    versions,
)

__all__ = [
    "ELSEWHERE", "OVER", "Draft", "DraftChanged", "DraftLine", "DraftNotFound", "DraftState", "DraftStateRefused",
    "Guardrails", "Line", "Published", "Rollout", "RolloutOverlap", "Sample", "ShadowDay", "Shares",
    "Stage", "Step", "Sums", "Trial", "VersionNotFound", "add", "add_draft", "add_rollout", "add_step",
    "drafts", "edit_draft", "get_draft", "get_version", "has", "homes", "keep_homes", "latest_step", "latest_version",
    "lock", "note_shadow", "percent_of", "ranges_of", "rollout", "rollouts", "set_state", "shadow_days",
    "shadow_samples", "shadow_sums", "share_out", "since", "steps_of", "steps_since", "version", "versions",
    "whole_at",
]  # fmt: skip
