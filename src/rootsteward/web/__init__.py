"""The console. Empty so far; the room is reserved by the floors."""
