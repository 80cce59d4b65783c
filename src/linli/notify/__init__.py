"""Notify: what a member is told. Owns `notify_*`.

What moved is told by messages that are a function of the ledger, by business date and kind: none is lost or told twice,
and how far a member has read is one mark. What no movement says, points that lapse soon or a call to come back, is a
notice: one row a member, date and kind, told by a run, and each knows whether it was read. What goes out of the house
waits in an outbox for a sink.
"""

from linli.notify.marks import NOTHING_READ, Mark, advance, marks
from linli.notify.messages import KIND_OF, RANKS, MessageKind, Note, Place, moved, place_of, since
from linli.notify.notices import (
    NEWEST,
    Notice,
    NoticeKind,
    NoticePlace,
    Page,
    count_unread,
    notices,
    of_member,
    read_up_to,
    woken_since,
)
from linli.notify.port import LogSink, Outgoing, Sink, publish, take
from linli.notify.runs import (
    NoticeRun,
    NoticeRunKind,
    NoticeRunNotFound,
    Span,
    count_run,
    expect,
    find_run,
    finish_run,
    get_run,
    lock_run,
    runs,
    span,
    start_run,
    stop_run,
)

__all__ = [
    "KIND_OF", "NEWEST", "NOTHING_READ", "RANKS", "LogSink", "Mark", "MessageKind", "Note", "Notice", "NoticeKind",
    "NoticePlace", "NoticeRun", "NoticeRunKind", "NoticeRunNotFound", "Outgoing", "Page", "Place", "Sink", "Span",
    "advance", "count_run", "count_unread", "expect", "find_run", "finish_run", "get_run", "lock_run", "marks", "moved",
    "notices", "of_member", "place_of", "publish", "read_up_to", "runs", "since", "span", "start_run",
    "stop_run", "take", "woken_since",
]  # fmt: skip
