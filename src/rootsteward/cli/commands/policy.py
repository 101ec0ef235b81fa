"""`rootsteward policy`: the policy engine on files and on the live organization."""

import typer

from rootsteward.cli.commands.policy_diff import diff
from rootsteward.cli.commands.policy_evaluate import evaluate, explain
from rootsteward.cli.commands.policy_lint import lint
from rootsteward.cli.commands.policy_prove import prove
from rootsteward.cli.commands.policy_repair import repair

policy_app = typer.Typer(
    no_args_is_help=True,
    help="Policies: who decides, what to change, and what is proved.",
)
policy_app.command("evaluate")(evaluate)
policy_app.command("explain")(explain)
policy_app.command("lint")(lint)
policy_app.command("repair")(repair)
policy_app.command("prove")(prove)
policy_app.command("diff")(diff)
