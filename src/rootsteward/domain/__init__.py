"""Ground floor: the words of the product as frozen values. No I/O, no clock, no SDK."""
