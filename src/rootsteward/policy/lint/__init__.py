"""What goes wrong in policies in practice; one finding is one file, one test and one page."""

from rootsteward.policy.lint.finding import Finding, Fix, Severity
from rootsteward.policy.lint.run import CHECKS, lint_document

__all__ = ["CHECKS", "Finding", "Fix", "Severity", "lint_document"]
