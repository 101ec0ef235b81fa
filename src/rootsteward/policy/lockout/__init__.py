"""Resource policies that lock out the account that owns the resource, and the edits that end it."""
