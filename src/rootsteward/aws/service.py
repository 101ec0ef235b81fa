"""What every service file starts from."""

from rootsteward.aws.door import Door


class Service:
    """Holds the door; `BotoGateway` is all service files around one door."""

    def __init__(self, door: Door) -> None:
        self._door = door
