"""The errors of S3, in its own words.

SOURCE: S3 API reference, list of error codes.
"""

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.world.buckets import Bucket

REGION_HEADER = "x-amz-bucket-region"


def no_such_bucket(name: str) -> ServiceError:
    """The name is nobody's."""
    return ServiceError(
        "NoSuchBucket", "The specified bucket does not exist", 404, members={"BucketName": name}
    )


def no_such_bucket_policy(name: str) -> ServiceError:
    """The bucket has no policy."""
    return ServiceError(
        "NoSuchBucketPolicy",
        "The bucket policy does not exist",
        404,
        members={"BucketName": name},
    )


def no_such_key(key: str) -> ServiceError:
    """The bucket has no such object."""
    return ServiceError("NoSuchKey", "The specified key does not exist.", 404, members={"Key": key})


def permanent_redirect(bucket: Bucket) -> ServiceError:
    """The bucket is in another Region; the header says which (rule card S3-04)."""
    return ServiceError(
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. "
        "Please send all future requests to this endpoint.",
        301,
        members={
            "Endpoint": f"{bucket.name}.s3.{bucket.region}.amazonaws.com",
            "Bucket": bucket.name,
        },
        headers={REGION_HEADER: bucket.region},
    )


def method_not_allowed() -> ServiceError:
    """The caller has the permission and is of another account (rule card S3-03)."""
    return ServiceError(
        "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
    )


def access_denied() -> ServiceError:
    """A denial that comes of the request itself, not of a policy."""
    return ServiceError("AccessDenied", "Access Denied", 403)


def malformed_policy(message: str) -> ServiceError:
    """The bucket policy cannot be kept (rule card S3-05)."""
    return ServiceError("MalformedPolicy", message)


def invalid_argument(message: str, name: str, value: object) -> ServiceError:
    """A parameter has a value that S3 does not take."""
    return ServiceError(
        "InvalidArgument",
        message,
        members={"ArgumentName": name, "ArgumentValue": str(value)},
    )


def not_implemented(parameter: str) -> ServiceError:
    """A parameter that the sandbox does not act on: refused rather than ignored."""
    return ServiceError(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented "
        f"(the sandbox does not act on {parameter})",
        501,
    )
