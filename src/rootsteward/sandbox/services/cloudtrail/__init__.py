"""AWS CloudTrail: the event history of an account and Region."""

from rootsteward.sandbox.services.cloudtrail.lookup import OPERATIONS

__all__ = ["OPERATIONS"]
