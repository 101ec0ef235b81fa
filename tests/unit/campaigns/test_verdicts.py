import pytest

from rootsteward.domain.outcome import Outcome, Verdict, verdict_of_acting, verdict_of_reading


@pytest.mark.parametrize(
    ("outcomes", "reading", "acting"),
    [
        ([], Verdict.DONE, Verdict.DONE),
        ([Outcome.CLEAN, Outcome.DELETED, Outcome.SKIPPED], Verdict.DONE, Verdict.DONE),
        ([Outcome.PRESENT], Verdict.FINDINGS, Verdict.REFUSED),
        ([Outcome.RECOVERY_OPEN], Verdict.FINDINGS, Verdict.DONE),
        ([Outcome.DENIED], Verdict.UNSEEN, Verdict.REFUSED),
        ([Outcome.UNKNOWN], Verdict.UNSEEN, Verdict.UNSEEN),
        ([Outcome.CHANGED_MEANWHILE], Verdict.DONE, Verdict.REFUSED),
        ([Outcome.PRESENT, Outcome.UNKNOWN], Verdict.UNSEEN, Verdict.REFUSED),
        ([Outcome.CLEAN, Outcome.RECOVERY_OPEN, Outcome.DENIED], Verdict.UNSEEN, Verdict.REFUSED),
    ],
)
def test_the_worse_news_wins(outcomes: list[Outcome], reading: Verdict, acting: Verdict) -> None:
    assert verdict_of_reading(outcomes) is reading
    assert verdict_of_acting(outcomes) is acting
