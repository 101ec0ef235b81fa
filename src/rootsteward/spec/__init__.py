"""The executable specification of AWS policy evaluation: the second voice.

Small, slow and plain. The sandbox judges with it; the engine in `policy` is written apart from it
and must agree with it.
"""

from rootsteward.spec.document import Document, read_document
from rootsteward.spec.judging import judge

__all__ = ["Document", "judge", "read_document"]
