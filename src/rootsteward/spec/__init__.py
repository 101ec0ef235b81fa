"""The executable specification of AWS policy evaluation: the second voice."""
