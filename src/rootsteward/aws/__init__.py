"""The one door to AWS: boto3 in, our own types and errors out."""
