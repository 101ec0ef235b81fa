"""The verbs that a plan can name."""

from collections.abc import Mapping

from rootsteward.campaigns.verbs import (
    allow_recovery,
    close_recovery,
    delete_credentials,
    enable,
    scp_repair,
    unlock,
)
from rootsteward.campaigns.verbs.verb import Verb
from rootsteward.domain.errors import InputError

_ALL = (
    delete_credentials.VERB,
    allow_recovery.VERB,
    close_recovery.VERB,
    scp_repair.VERB,
    enable.VERB,
    *unlock.VERBS,
)
VERBS: Mapping[str, Verb] = {verb.slug: verb for verb in _ALL}


def verb_of(slug: str) -> Verb:
    """The verb that a plan or a campaign names.

    Raises:
        InputError: when this program has no such verb.
    """
    verb = VERBS.get(slug)
    if verb is None:
        raise InputError(
            f"there is no operation `{slug}` that can be applied",
            help="this program applies " + ", ".join(VERBS),
        )
    return verb
