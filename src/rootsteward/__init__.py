"""rootsteward: centralized root access for AWS Organizations."""
