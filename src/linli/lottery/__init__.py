"""The lottery: campaigns whose odds are published and whose draws anybody can verify. Owns `lottery_*`.

Promises: terms never change once they are published; the hash of the seed is known before anybody draws, and the seed
to nobody before the last draw; a draw is a function of seed, member, number and nonce; no more of a prize is given than
there is, nor the budget exceeded. A campaign's row is the lock of all that belongs to it.
"""

from linli.lottery.book import (
    add,
    campaigns,
    change,
    drop,
    find,
    get,
    lock_all,
    publish,
    reveal,
    secrets,
    shown,
    stop,
    to_reveal,
)
from linli.lottery.chance import ChiSquare, beyond, chi_square
from linli.lottery.checks import Fault, faults
from linli.lottery.draws import Entry, Result, draws_of, entrants, log, of_member, results, save
from linli.lottery.public import LoggedDraw, PublicPrize, PublicTerms, logged, public_terms, terms_hash
from linli.lottery.seeds import Opened, Sealed, key_of, new_seed, open_seed
from linli.lottery.types import (
    BudgetUsedUp,
    Campaign,
    CampaignChanged,
    CampaignFaulty,
    CampaignInState,
    CampaignNotFound,
    Draw,
    DrawsUsedUp,
    Entrant,
    NotDrawing,
    Prize,
    PrizeKind,
    Said,
    SeedUnreadable,
    State,
    Terms,
    Why,
)
from linli.lottery.verify import Complaint, Verdict, Verifier
from linli.lottery.wheel import Turn, Wheel, commitment, ticket_of

__all__ = [
    "BudgetUsedUp", "Campaign", "CampaignChanged", "CampaignFaulty", "CampaignInState", "CampaignNotFound", "ChiSquare",
    "Complaint", "Draw", "DrawsUsedUp", "Entrant", "Entry", "Fault", "LoggedDraw", "NotDrawing", "Opened", "Prize",
    "PrizeKind", "PublicPrize", "PublicTerms", "Result", "Said", "Sealed", "SeedUnreadable", "State", "Terms", "Turn",
    "Verdict", "Verifier", "Wheel", "Why", "add", "beyond", "campaigns", "change", "chi_square", "commitment",
    "draws_of", "drop", "entrants", "faults", "find", "get", "key_of", "lock_all", "log", "logged", "new_seed",
    "of_member", "open_seed", "public_terms", "publish", "results", "reveal", "save", "secrets", "shown", "stop",
    "terms_hash", "ticket_of", "to_reveal",
]  # fmt: skip
