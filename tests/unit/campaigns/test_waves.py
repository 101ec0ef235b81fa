import pytest

from rootsteward.campaigns.waves import parse_waves, slice_size, split, wave_sizes
from rootsteward.domain.errors import InputError


@pytest.mark.parametrize(
    ("steps", "total", "sizes"),
    [
        ("1,10,100%", 100, (1, 10, 89)),
        ("1,10,100%", 5, (1, 4)),
        ("1,10,100%", 0, ()),
        ("1", 3, (1, 2)),
        ("50%,50%", 3, (2, 1)),
        ("1%", 1000, (10, 990)),
        ("1%", 3, (1, 2)),
        ("10,5%,100%", 100, (10, 90)),
        ("100%,7", 4, (4,)),
    ],
)
def test_waves_are_cut_as_the_steps_say(steps: str, total: int, sizes: tuple[int, ...]) -> None:
    assert wave_sizes(parse_waves(steps), total) == sizes


def test_without_steps_everything_is_one_wave() -> None:
    assert wave_sizes((), 7) == (7,)
    assert wave_sizes((), 0) == ()


@pytest.mark.parametrize("wrong", ["", "0", "1,", "x", "1,-2", "0%", "1.5", "%", "\u0661", "1 0"])
def test_a_step_that_is_no_wave_is_named(wrong: str) -> None:
    with pytest.raises(InputError, match="no wave") as raised:
        parse_waves(wrong)
    assert "--wave 1,10,100%" in raised.value.help


def test_more_than_all_is_refused() -> None:
    with pytest.raises(InputError, match="`101%` is more than all"):
        parse_waves("1,101%")


def test_positions_are_split_in_order_and_none_is_lost() -> None:
    assert split((3, 5, 8, 9), (1, 3)) == ((3,), (5, 8, 9))
    assert split((), ()) == ()


@pytest.mark.parametrize(
    ("waves", "in_flight", "size"),
    [
        ((), 64, 8),
        ((40,), 64, 8),
        ((1, 10, 989), 64, 30),
        ((1000,), 16, 16),
        ((1, 49_999), 512, 64),
    ],
)
def test_a_slice_is_a_fair_share_of_the_largest_wave(
    waves: tuple[int, ...], in_flight: int, size: int
) -> None:
    assert slice_size(waves, in_flight) == size
