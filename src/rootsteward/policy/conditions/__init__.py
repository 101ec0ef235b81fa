"""The condition operators, one file for each family."""
