"""Budgets: what was issued against what was sold, by month, and which bonus rules rest because of it.

Owns `budgets_state`. Promises: a state is a function of a month's sums, so it comes back to what it was when they do;
what the programme calls essential never rests.
"""

from linli.budgets.lines import BudgetLine, Figures, Scope, State, assess
from linli.budgets.states import NOTHING_RESTS, Kept, Key, Resting, change, kept, lock, resting, worst

__all__ = [
    "NOTHING_RESTS", "BudgetLine", "Figures", "Kept", "Key", "Resting", "Scope", "State", "assess", "change", "kept",
    "lock", "resting", "worst",
]  # fmt: skip
