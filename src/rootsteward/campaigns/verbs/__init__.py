"""What a campaign can do: one file per verb, from an operation's plan to items and back."""
