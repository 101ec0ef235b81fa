"""Amazon S3: buckets, their policies, and enough of objects to see who may read them."""

from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.s3 import bucket_policies, buckets, objects

OPERATIONS: Operations = {
    **buckets.OPERATIONS,
    **bucket_policies.OPERATIONS,
    **objects.OPERATIONS,
}
