"""The state of the sandbox: one `World` and the stores it is made of."""
