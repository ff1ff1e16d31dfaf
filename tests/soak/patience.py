"""How long a run waits for what must come."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds. What a person would put up with; tests wait for longer, so that no slow machine fails them."""

    page: float = 60.0  # the deadline that is given with a page
    image: float = 30.0  # and with the user's own question
    grace: float = 25.0  # over a deadline: for the sleeps of the plan, and for a machine that is busy with other things
    connection: float = 90.0  # until a daemon answers again
    notice: float = 30.0  # until a browser has noticed that a process died
    end: float = 60.0  # until all processes have ended


OF_A_TEST = Patience(page=600.0, image=600.0, grace=300.0, connection=300.0, notice=300.0, end=300.0)
