"""The report as one HTML file, with charts and without anything from elsewhere."""

from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from rootsteward.campaigns.report import Report
from rootsteward.campaigns.verbs.all_verbs import verb_of


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("rootsteward.campaigns"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def report_page(report: Report, made_at: datetime) -> str:
    """The whole file's text. `made_at` is aware."""
    return _template().render(
        report=report,
        made_at=made_at,
        subject=verb_of(report.campaign.slug).subject[0],
        widest_place=max((sum(counts.values()) for _, counts in report.places), default=1),
        widest_kind=max((max(k.before, k.after) for k in report.kinds), default=1) or 1,
        tallest=max((number for _, number in report.durations), default=1) or 1,
    )
