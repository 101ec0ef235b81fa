"""The sandbox's own API and status page, below `/_rootsteward`: for people and their tests."""
