"""Root credentials that are made up: which of them an account holds."""

from random import Random

# How often each set of root credentials occurs, in hundredths: most accounts have none.
_HOLDINGS = {
    (): 62,
    ("password",): 14,
    ("password", "mfa"): 15,
    ("password", "key"): 4,
    ("key",): 3,
    ("password", "key", "mfa"): 2,
}
# How many of the access keys are active.
ACTIVE_SHARE = 0.5


def draw_holdings(random: Random) -> tuple[str, ...]:
    """What one root user holds, of `password`, `key` and `mfa`."""
    (held,) = random.choices(list(_HOLDINGS), weights=list(_HOLDINGS.values()))
    return held
