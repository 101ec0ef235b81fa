"""`enable` as a campaign of one item: its steps need each other, in order."""

from rootsteward.campaigns.planned import ItemResult, PlannedItem
from rootsteward.campaigns.verbs.verb import Tools, Verb, Work
from rootsteward.domain.outcome import Outcome
from rootsteward.operations import enable as operation
from rootsteward.operations import switches
from rootsteward.operations.json_fields import Fields, list_of, one_of, text
from rootsteward.operations.switches import SwitchAct, SwitchPlan, SwitchStep


def item(plan: SwitchPlan, organization_id: str) -> PlannedItem:
    """All steps that are missing. With obstacles there is nothing to plan: ask first."""
    return PlannedItem(
        key=organization_id,
        name="centralized root access",
        acts=bool(plan.steps),
        intention="switch on" if plan.steps else "nothing to do",
        details=(*(f"{step.api} {step.target}: {step.why}" for step in plan.steps), *plan.already),
        calls=tuple(step.api for step in plan.steps),
        body={
            "steps": [
                {"act": step.act.value, "target": step.target, "why": step.why}
                for step in plan.steps
            ]
        },
    )


def _step(tools: Tools, work: Work) -> ItemResult:
    steps = _steps(work.item)
    plan = SwitchPlan(operation.SLUG, steps, part_of=work.plan_id)
    results = switches.apply(tools.gateway, tools.journal, plan)
    worst = next((r for r in results if r.outcome not in switches.GOOD), None)
    if worst is None:
        return ItemResult(Outcome.DONE, "; ".join(f"{r.step.target} is on" for r in results))
    return ItemResult(worst.outcome, f"{worst.step.api}: {worst.detail}")


def _steps(item: PlannedItem) -> tuple[SwitchStep, ...]:
    return Fields(item.body).read("steps", list_of(_switch_step))


def _targets(item: PlannedItem) -> tuple[str, ...]:
    """What the ledger's entries are about: what is switched on, not the organization."""
    return tuple(step.target for step in _steps(item))


def _switch_step(value: object) -> SwitchStep:
    fields = Fields(value)
    return SwitchStep(
        fields.read("act", one_of(SwitchAct)), fields.read("target", text), fields.read("why", text)
    )


def _rest(item: PlannedItem) -> ItemResult:
    if item.acts:
        return ItemResult(Outcome.PLANNED, "would switch on: " + ", ".join(item.calls))
    return ItemResult(Outcome.CLEAN, "everything is on already")


VERB = Verb(
    slug=operation.SLUG,
    title="switch on centralized root access",
    subject=("organization", "organizations"),
    act="switch on root access in",
    step=_step,
    rest=_rest,
    subjects=_targets,
)
