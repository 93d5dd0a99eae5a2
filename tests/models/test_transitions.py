"""The introduction's state machine, walked by brute force."""

import pytest

from models.enums import IntroductionState as State
from models.enums import RoleName as Role
from models.transitions import DISCLOSED, HIRED, OVER, START, TRANSITIONS, next_states

AFTER_HIRING = {
    State.PLACED,
    State.RETAINED_3,
    State.RETAINED_6,
    State.RETAINED_12,
    State.ENDED,
}


def _steps(state: State) -> set[State]:
    """Where anybody may take an introduction from a state."""
    return {to for role in Role for to in next_states(state, role)}


def _reachable(start: State, avoiding: State | None = None) -> set[State]:
    found, waiting = {start}, [start]
    while waiting:
        for to in _steps(waiting.pop()) - found - {avoiding}:
            found.add(to)
            waiting.append(to)
    return found


def _who_may(to: State) -> set[Role]:
    return {role for state in State for role in Role if to in next_states(state, role)}


def test_an_introduction_starts_as_a_proposal() -> None:
    assert START is State.PROPOSED


def test_every_state_says_where_it_leads() -> None:
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize("state", list(State))
def test_state_can_be_reached_from_a_proposal(state: State) -> None:
    assert state in _reachable(State.PROPOSED)


def test_an_introduction_is_over_when_declined_withdrawn_filled_or_ended() -> None:
    assert {
        State.DECLINED_BY_PERSON,
        State.DECLINED_BY_EMPLOYER,
        State.WITHDRAWN,
        State.FILLED,
        State.ENDED,
    } == OVER


@pytest.mark.parametrize("state", sorted(OVER))
def test_no_way_leads_out_of_an_introduction_that_is_over(state: State) -> None:
    assert _steps(state) == set()


@pytest.mark.parametrize("state", sorted(set(State) - OVER))
def test_every_introduction_can_come_to_an_end(state: State) -> None:
    assert _reachable(state) & OVER


@pytest.mark.parametrize("state", list(State))
def test_no_introduction_comes_back_to_a_state_it_left(state: State) -> None:
    assert all(state not in _reachable(to) for to in _steps(state))


# Consent and disclosure


def test_nothing_is_disclosed_before_consent() -> None:
    assert not _reachable(State.PROPOSED, avoiding=State.CONSENTED) & DISCLOSED


def test_consent_alone_discloses_nothing() -> None:
    assert not {State.PROPOSED, State.CONSENTED} & DISCLOSED


def test_what_was_disclosed_stays_so_until_the_introduction_is_over() -> None:
    assert _reachable(State.INTRODUCED) - OVER == DISCLOSED


def test_nothing_is_disclosed_once_it_is_over() -> None:
    assert not OVER & DISCLOSED


def test_only_the_person_or_their_officer_may_record_consent() -> None:
    assert _who_may(State.CONSENTED) == {Role.PERSON, Role.OFFICER}


def test_only_an_officer_introduces_and_only_after_consent() -> None:
    assert _who_may(State.INTRODUCED) == {Role.OFFICER}
    assert [state for state in State if State.INTRODUCED in _steps(state)] == [State.CONSENTED]


# Who may do what


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("role", [Role.TRAINER, Role.ADMIN])
def test_trainers_and_admins_move_no_introduction(state: State, role: Role) -> None:
    assert next_states(state, role) == frozenset()


@pytest.mark.parametrize("state", sorted(set(State) - OVER))
def test_a_person_may_step_back_at_any_time(state: State) -> None:
    assert next_states(state, Role.PERSON) & {State.WITHDRAWN, State.DECLINED_BY_PERSON}


def test_the_hired_are_those_who_work_there() -> None:
    assert HIRED == AFTER_HIRING - OVER


@pytest.mark.parametrize("state", sorted(HIRED))
def test_after_hiring_only_the_person_and_their_officer_take_the_consent_back(state: State) -> None:
    may = {role for role in Role if State.WITHDRAWN in next_states(state, role)}
    assert may == {Role.PERSON, Role.OFFICER}
    assert next_states(state, Role.PERSON) == {State.WITHDRAWN}


@pytest.mark.parametrize("state", sorted(set(State) - OVER))
def test_the_officer_always_has_a_way_to_close(state: State) -> None:
    assert next_states(state, Role.OFFICER) & OVER


def test_only_the_employer_declines_for_the_employer() -> None:
    assert _who_may(State.DECLINED_BY_EMPLOYER) == {Role.EMPLOYER}


def test_the_employer_never_declines_for_the_person() -> None:
    assert _who_may(State.DECLINED_BY_PERSON) == {Role.PERSON, Role.OFFICER}


@pytest.mark.parametrize("state", sorted(AFTER_HIRING))
def test_after_hiring_only_retention_an_end_or_a_withdrawal_follow(state: State) -> None:
    assert _reachable(state) <= AFTER_HIRING | {State.WITHDRAWN}


def test_retention_is_recorded_in_order() -> None:
    way = [State.PLACED, State.RETAINED_3, State.RETAINED_6, State.RETAINED_12]
    for state, following in zip(way, [*way[1:], None], strict=True):
        assert _steps(state) == {State.ENDED, State.WITHDRAWN} | (
            {following} if following else set()
        )
