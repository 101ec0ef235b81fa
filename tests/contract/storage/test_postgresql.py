"""What only PostgreSQL can do wrong, and what it is told: each on the real server."""

from pathlib import Path

import pytest

from postgres import Server
from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.storage.database import open_database

PASSWORD = "hunter2-not-this-one"


def database_in(address: str) -> str:
    return address.partition("@/")[2].partition("?")[0]


def refusal(address: str) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        open_database(address).close()
    return caught.value


def test_a_wrong_password_is_said_and_not_shown(postgresql_server: Server) -> None:
    error = refusal(postgresql_server.url("postgres", "suspect", PASSWORD))
    assert str(error) == ("the database `postgresql://suspect@/postgres` refused user and password")
    assert "~/.pgpass" in error.help
    assert PASSWORD not in repr(error) + error.help


def test_no_password_at_all_is_the_same_refusal(postgresql_server: Server) -> None:
    assert "refused user and password" in str(refusal(postgresql_server.url("postgres", "suspect")))


def test_a_database_that_does_not_exist_is_named(postgresql_server: Server) -> None:
    error = refusal(postgresql_server.url("nowhere"))
    assert str(error) == (
        "the database `postgresql://rootsteward@/nowhere` or its user does not exist"
    )
    assert "createdb" in error.help


def test_a_server_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    error = refusal(f"postgresql://me:{PASSWORD}@/db?host={tmp_path}")
    assert str(error) == "the database `postgresql://me@/db` cannot be reached"
    error = refusal(f"postgresql://me:{PASSWORD}@127.0.0.1:1/db")
    assert str(error) == "the database `postgresql://me@127.0.0.1:1/db` cannot be reached"


def test_a_password_among_the_options_is_not_shown() -> None:
    error = refusal(f"postgresql://me@127.0.0.1:1/db?password={PASSWORD}&nonsense={PASSWORD}")
    assert PASSWORD not in str(error) + error.help


def test_an_unescaped_at_sign_in_a_password_is_refused_without_being_shown() -> None:
    error = refusal("postgresql://me:hun@ter2@host/db")
    assert isinstance(error, InputError)
    assert str(error) == "the database address has more than one `@`"
    assert "%40" in error.help


def test_a_user_without_rights_is_told_what_to_grant(postgresql_url: str) -> None:
    error = refusal(postgresql_url.replace("rootsteward@", "guest@"))
    assert "may not do what is needed there" in str(error)
    assert "grant CREATE" in error.help


def test_the_other_spelling_of_the_scheme_is_the_same_database(postgresql_url: str) -> None:
    open_database(postgresql_url).close()
    with open_database(postgresql_url.replace("postgresql://", "postgres://")) as database:
        assert database.name.startswith("postgresql://rootsteward@/test_")


def test_a_server_that_answers_before_the_disk_is_told_not_to(
    postgresql_server: Server, postgresql_url: str
) -> None:
    name = database_in(postgresql_url)
    for given, used in (("off", "on"), ("remote_apply", "remote_apply")):
        postgresql_server.sql(f"ALTER DATABASE {name} SET synchronous_commit = {given}")
        with open_database(postgresql_url) as database, database.reading() as connection:
            said = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
        assert said == used


def test_a_database_that_stays_locked_is_said_to_be_in_use(postgresql_url: str) -> None:
    with open_database(postgresql_url) as holder, open_database(postgresql_url) as other:
        with other.reading() as connection:
            # The wait itself is PostgreSQL's; here only what is said at its end counts.
            connection.exec_driver_sql("SET lock_timeout = '1ms'")
            connection.commit()
        with holder.writing(), pytest.raises(OperatorError) as caught, other.writing():
            pass
    assert "is in use and stayed locked" in str(caught.value)


def test_a_lost_connection_is_made_again(postgresql_server: Server, postgresql_url: str) -> None:
    with open_database(postgresql_url) as database:
        name = database_in(postgresql_url)
        postgresql_server.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 (our own name)
        )
        with database.writing() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
