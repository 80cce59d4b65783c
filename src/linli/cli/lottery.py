"""`linli lottery verify`: a campaign drawn again from its public log, by whoever wants to know. Needs no database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
from cyclopts import App
from rich.table import Table

from linli.api.lottery_draws import LotteryLog, LotteryProof
from linli.cli.common import console
from linli.kit.errors import Invalid, Refusal
from linli.lottery import LoggedDraw, Verdict, Verifier, chi_square

WRONG = 2
"""Exit status where something is not as it was promised."""
_encode = msgspec.json.Encoder().encode
_proof = msgspec.json.Decoder(LotteryProof).decode
_line = msgspec.json.Decoder(LoggedDraw).decode
_page = msgspec.json.Decoder(LotteryLog).decode

lottery = App(name="lottery", help="Lotteries that anybody can verify.")


class NotRevealed(Refusal):
    """The seed is not told yet: it is once the campaign is over. Fields: `state`."""

    code = "lottery_not_revealed"


@lottery.command
def verify(where: str, *, save: Path | None = None) -> None:
    """Draw a campaign again: each ticket by the revealed seed, each prize by the odds and what was left.

    Parameters
    ----------
    where
        The campaign's address, `https://shop.example/v1/lottery/campaigns/<id>`, or a file that was saved from it.
    save
        Keep what was read in a file: the proof in its first line, then the log, a draw a line.
    """
    lines = _fetch(where) if where.startswith(("http://", "https://")) else _read(Path(where))
    if save is not None:
        lines = _kept(lines, save)
    proof = _decoded(next(lines, b""))
    if proof.seed is None:
        raise NotRevealed(state=proof.state)
    verifier = Verifier(
        proof.terms, bytes.fromhex(proof.terms_hash), bytes.fromhex(proof.seed_hash), bytes.fromhex(proof.seed)
    )
    verifier.draw(_line(line) for line in lines)
    verdict = verifier.verdict(proof.draws)
    _show(proof, verdict)
    if verdict.faults:
        sys.exit(WRONG)


def _decoded(line: bytes) -> LotteryProof:
    try:
        return _proof(line)
    except msgspec.MsgspecError as error:
        raise Invalid(place="line 1", detail=f"no proof of a lottery: {error}") from None


def _fetch(where: str) -> Iterator[bytes]:
    """The proof, then each draw of the log, as they come."""
    with httpx.Client(timeout=30) as client:

        def ask(path: str, **params: str) -> bytes:
            answer = client.get(where.rstrip("/") + path, params=params)
            if answer.status_code != 200:
                raise Invalid(place=str(answer.url), detail=f"{answer.status_code} {answer.text[:200]}")
            return answer.content

        yield ask("/proof")
        page = _page(ask("/draws", limit="200"))
        while True:
            yield from map(_encode, page.items)
            if page.next_cursor is None:
                return
            page = _page(ask("/draws", limit="200", cursor=page.next_cursor))


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from (line.strip() for line in file if line.strip())


def _kept(lines: Iterator[bytes], path: Path) -> Iterator[bytes]:
    with path.open("wb") as file:
        for line in lines:
            file.write(line + b"\n")
            yield line


def _show(proof: LotteryProof, verdict: Verdict) -> None:
    table = Table(title=proof.terms.title.zh)
    for heading in ("prize", "odds", "expected", "drawn", "given"):
        table.add_column(heading, justify="right" if heading != "prize" else "left")
    for prize in proof.terms.prizes:
        expected = verdict.draws * prize.odds_ppm / 1_000_000
        table.add_row(
            prize.name.zh, f"{prize.odds_ppm / 10_000:.4f}%", f"{expected:,.1f}",
            f"{verdict.drawn.get(prize.prize_id, 0):,}", f"{verdict.given.get(prize.prize_id, 0):,}",
        )  # fmt: skip
    console.print(table)
    prizes = proof.terms.prizes
    observed = [verdict.drawn.get(prize.prize_id, 0) for prize in prizes]
    chance = chi_square(observed, [prize.odds_ppm for prize in prizes]) if verdict.draws else None
    if chance:
        console.print(f"χ² = {chance.statistic:.2f}, {chance.degrees} degrees of freedom, p = {chance.p_value:.3f}")
    for complaint in verdict.complaints[:20]:
        console.print(f"[red]✗[/] {complaint.wrong}" + (f" in draw {complaint.seq}" if complaint.seq else ""))
    if verdict.unchecked:
        console.print(f"{verdict.unchecked:,} draws rest on the budget or on a coupon: what they gave cannot be told")
    sign = "[green]✓[/] as it was promised" if not verdict.faults else f"[bold red]✗[/] {verdict.faults:,} faults"
    console.print(f"{verdict.draws:,} draws verified: {sign}")


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(lottery)
