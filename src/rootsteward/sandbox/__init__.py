"""An AWS-compatible organization in a box, judged by the specification."""
