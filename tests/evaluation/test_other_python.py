from collections.abc import Callable
from pathlib import Path

import pytest

from isthisme.evaluation.other_python import PROGRAMS, OtherPython

type StandIn = Callable[[str], Path]


def test_each_question_gets_its_answer(stand_in: StandIn) -> None:
    with OtherPython(stand_in("answer = {'twice': 2 * asked['number']}"), "any.py") as program:
        assert [program.ask({"number": each})["twice"] for each in (3, 4)] == [6, 8]


def test_a_program_that_dies_ends_the_measurement_in_words(stand_in: StandIn) -> None:
    with OtherPython(stand_in("sys.exit(3)"), "any.py") as program, pytest.raises(SystemExit, match="gave up"):
        program.ask({})


def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="nowhere cannot be started"):
        OtherPython(tmp_path / "nowhere", "any.py")


@pytest.mark.parametrize("program", sorted(PROGRAMS.glob("[a-z]*.py")), ids=lambda each: each.stem)
def test_programs_for_other_interpreters_import_nothing_of_ours(program: Path) -> None:
    assert "isthisme" not in program.read_text()
