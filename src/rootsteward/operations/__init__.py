"""One file per verb: facts in, plan out, and the steps that carry it out."""
