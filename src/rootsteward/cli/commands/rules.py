"""`rootsteward rules`."""

from typing import Annotated

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import FormatOption
from rootsteward.cli.render import Column, Format, Row, Screen
from rootsteward.cli.rule_cards import Confidence, RuleCard, rule_card, rule_cards

_COLUMNS = (
    Column("id", "id", fold=False),
    Column("title", "rule"),
    Column("confidence", "confidence", fold=False),
    Column("source", "source"),
)
_HEADINGS = {
    "id": "id",
    "title": "rule",
    "confidence": "confidence",
    "source": "source",
    "date": "checked on",
    "vectors": "tests",
    "text": "in our words",
}


def rules(
    card_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="One card, such as SCP-03.")
    ] = None,
    assumed: Annotated[
        bool, typer.Option("--assumed", help="Only rules that are neither documented nor observed.")
    ] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """List the AWS rules that the tool relies on, how sure each is, and where it is from."""
    screen = Screen(output)
    if card_id is not None:
        screen.record(card_id.upper(), _row(rule_card(card_id)), _HEADINGS)
        raise typer.Exit(ExitCode.DONE)
    cards = rule_cards()
    shown = [c for c in cards if not assumed or c.confidence is Confidence.ASSUMED]
    screen.rows("Rule cards", _COLUMNS, [_row(card) for card in shown], empty="none is assumed")


def _row(card: RuleCard) -> Row:
    return {
        "id": card.id,
        "title": card.title,
        "confidence": card.confidence.value,
        "source": card.source,
        "date": card.date,
        "vectors": list(card.vectors),
        "text": card.text,
    }
