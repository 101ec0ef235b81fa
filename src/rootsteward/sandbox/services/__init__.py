"""What the sandbox can do: one file per AWS service, one function per operation."""
