"""Proofs for all requests, not for samples: exact regions, and witnesses that are replayed."""
