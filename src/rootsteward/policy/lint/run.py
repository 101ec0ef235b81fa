"""All checks over one document."""

from rootsteward.policy.document import Document
from rootsteward.policy.lint import (
    empty_value_list,
    inert_principal_type,
    inverted_root_test,
    null_misuse,
    refused_in_rcp,
    root_deny_without_carve_out,
    size_near_limit,
    tasks_left_out,
    unreadable_value,
)
from rootsteward.policy.lint.finding import Finding

CHECKS = {
    module.SLUG: module.check
    for module in (
        empty_value_list,
        inert_principal_type,
        inverted_root_test,
        null_misuse,
        refused_in_rcp,
        root_deny_without_carve_out,
        size_near_limit,
        tasks_left_out,
        unreadable_value,
    )
}
"""Every check by its slug, which is also the name of its page."""


def lint_document(document: Document) -> tuple[Finding, ...]:
    """Everything that is wrong with a policy, in the order of the text.

    Says nothing about what the policy does elsewhere in a chain; that is for `repair` and `prove`.
    """
    found = [finding for check in CHECKS.values() for finding in check(document)]
    return tuple(sorted(found, key=lambda f: (f.position.offset, f.slug)))
