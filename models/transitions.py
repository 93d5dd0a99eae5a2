"""The introduction's state machine as data: from which state who may go where.

A person has a way out of every state that is not over, since a consent can be taken back at any
time; an officer records the same where it was said on paper.
"""

from models.enums import IntroductionState as State
from models.enums import RoleName as Role

START = State.PROPOSED

TRANSITIONS: dict[State, dict[Role, frozenset[State]]] = {
    State.PROPOSED: {
        Role.PERSON: frozenset({State.CONSENTED, State.DECLINED_BY_PERSON}),
        Role.OFFICER: frozenset({State.CONSENTED, State.DECLINED_BY_PERSON, State.WITHDRAWN}),
        Role.EMPLOYER: frozenset({State.WITHDRAWN, State.FILLED}),
    },
    State.CONSENTED: {
        Role.PERSON: frozenset({State.WITHDRAWN}),
        Role.OFFICER: frozenset({State.INTRODUCED, State.WITHDRAWN}),
        Role.EMPLOYER: frozenset({State.WITHDRAWN, State.FILLED}),
    },
    State.INTRODUCED: {
        Role.PERSON: frozenset({State.WITHDRAWN}),
        Role.OFFICER: frozenset({State.INTERVIEW, State.WITHDRAWN}),
        Role.EMPLOYER: frozenset(
            {State.INTERVIEW, State.OFFERED, State.DECLINED_BY_EMPLOYER, State.FILLED}
        ),
    },
    State.INTERVIEW: {
        Role.PERSON: frozenset({State.WITHDRAWN}),
        Role.OFFICER: frozenset({State.OFFERED, State.WITHDRAWN}),
        Role.EMPLOYER: frozenset({State.OFFERED, State.DECLINED_BY_EMPLOYER, State.FILLED}),
    },
    State.OFFERED: {
        Role.PERSON: frozenset({State.PLACED, State.DECLINED_BY_PERSON}),
        Role.OFFICER: frozenset({State.PLACED, State.WITHDRAWN}),
        Role.EMPLOYER: frozenset({State.PLACED, State.DECLINED_BY_EMPLOYER, State.FILLED}),
    },
    State.PLACED: {
        Role.PERSON: frozenset({State.WITHDRAWN}),
        Role.OFFICER: frozenset({State.RETAINED_3, State.ENDED, State.WITHDRAWN}),
        Role.EMPLOYER: frozenset({State.RETAINED_3, State.ENDED}),
    },
    State.RETAINED_3: {
        Role.PERSON: frozenset({State.WITHDRAWN}),
        Role.OFFICER: frozenset({State.RETAINED_6, State.ENDED, State.WITHDRAWN}),
        Role.EMPLOYER: frozenset({State.RETAINED_6, State.ENDED}),
    },
    State.RETAINED_6: {
        Role.PERSON: frozenset({State.WITHDRAWN}),
        Role.OFFICER: frozenset({State.RETAINED_12, State.ENDED, State.WITHDRAWN}),
        Role.EMPLOYER: frozenset({State.RETAINED_12, State.ENDED}),
    },
    State.RETAINED_12: {
        Role.PERSON: frozenset({State.WITHDRAWN}),
        Role.OFFICER: frozenset({State.ENDED, State.WITHDRAWN}),
        Role.EMPLOYER: frozenset({State.ENDED}),
    },
    State.DECLINED_BY_PERSON: {},
    State.DECLINED_BY_EMPLOYER: {},
    State.WITHDRAWN: {},
    State.FILLED: {},
    State.ENDED: {},
}

# States in which the employer has been told who the person is, while the consent lives.
DISCLOSED = frozenset(
    {
        State.INTRODUCED,
        State.INTERVIEW,
        State.OFFERED,
        State.PLACED,
        State.RETAINED_3,
        State.RETAINED_6,
        State.RETAINED_12,
    }
)

# States in which the person works there.
HIRED = frozenset({State.PLACED, State.RETAINED_3, State.RETAINED_6, State.RETAINED_12})

OVER = frozenset(state for state, ways in TRANSITIONS.items() if not ways)


def next_states(state: State, role: Role) -> frozenset[State]:
    """Where a role may take an introduction from a state."""
    return TRANSITIONS[state].get(role, frozenset())
