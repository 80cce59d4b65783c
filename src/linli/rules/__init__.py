"""Rules: what a programme promises for an event, and what points are worth. A pure room: no SQL, no clock, no network.

It owns the programme document (`Programme`), refuses faulty ones with the place and the reason (`check_programme`),
and evaluates events against a compiled one. It promises that results do not depend on the order in which events
arrive, that a condition which fails raises `RuleFailed` and never reads as 'no match', and that a refund is reckoned
by the rates frozen with the grant (`reprice`).
"""

from linli.rules.awards import reprice
from linli.rules.checks import check_programme, decode_programme, readable_part
from linli.rules.checks_deduction import check_deduction
from linli.rules.compiled import CompiledProgramme, compile_programme
from linli.rules.deduction import (
    CartSplit,
    Goods,
    LinePart,
    Shopper,
    WhyNoMore,
    arm_of_member,
    shares_of,
    split_cart,
    value_of_points,
)
from linli.rules.deduction_policy import DeductionPolicy, Ordinary, Rate
from linli.rules.differences import Change, difference
from linli.rules.documents import Fault
from linli.rules.hints import Action, Asker, Hint, HintCode, hints_for, kind_of, limit_keys, rules_of
from linli.rules.histories import INVITE, friend_of
from linli.rules.limits import Limits, limits_of
from linli.rules.outcome import Evaluation, FaultyProgramme, Loss, Move, RuleFailed, Skip
from linli.rules.outlook import StreakReward, check_in_claims, next_reward
from linli.rules.programme import Invitation, MakeUp, Name, Programme, Reminders, Rule
from linli.rules.reasons import left_out, missing_fen, points_for, reason
from linli.rules.sentences import Sentence, sentence, sentences
from linli.rules.sentences_deduction import deduction_sentences
from linli.rules.variables import variables_of
from linli.rules.versions import encode_programme, rule_versions

__all__ = [
    "INVITE",
    "Action",
    "Asker",
    "CartSplit",
    "Change",
    "CompiledProgramme",
    "DeductionPolicy",
    "Evaluation",
    "Fault",
    "FaultyProgramme",
    "Goods",
    "Hint",
    "HintCode",
    "Invitation",
    "Limits",
    "LinePart",
    "Loss",
    "MakeUp",
    "Move",
    "Name",
    "Ordinary",
    "Programme",
    "Rate",
    "Reminders",
    "Rule",
    "RuleFailed",
    "Sentence",
    "Shopper",
    "Skip",
    "StreakReward",
    "WhyNoMore",
    "arm_of_member",
    "check_deduction",
    "check_in_claims",
    "check_programme",
    "compile_programme",
    "decode_programme",
    "deduction_sentences",
    "difference",
    "encode_programme",
    "friend_of",
    "hints_for",
    "kind_of",
    "left_out",
    "limit_keys",
    "limits_of",
    "missing_fen",
    "next_reward",
    "points_for",
    "readable_part",
    "reason",
    "reprice",
    "rule_versions",
    "rules_of",
    "sentence",
    "sentences",
    "shares_of",
    "split_cart",
    "value_of_points",
    "variables_of",
]
