"""Amazon SQS: queues, their policies, and enough of messages to see who may send them."""

from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.sqs import messages, permissions, queues

OPERATIONS: Operations = {**queues.OPERATIONS, **permissions.OPERATIONS, **messages.OPERATIONS}
