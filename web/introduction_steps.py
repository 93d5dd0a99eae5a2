"""An introduction on pages: the words of its state and of the steps that may be taken from it."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from models.enums import IntroductionState, RoleName
from models.transitions import next_states

STEP_LABELS = {
    IntroductionState.CONSENTED: _("Klien setuju (di atas kertas)"),
    IntroductionState.INTRODUCED: _("Perkenalkan kepada perusahaan"),
    IntroductionState.INTERVIEW: _("Catat wawancara"),
    IntroductionState.OFFERED: _("Catat tawaran kerja"),
    IntroductionState.PLACED: _("Catat diterima kerja"),
    IntroductionState.RETAINED_3: _("Masih bekerja setelah 3 bulan"),
    IntroductionState.RETAINED_6: _("Masih bekerja setelah 6 bulan"),
    IntroductionState.RETAINED_12: _("Masih bekerja setelah 12 bulan"),
    IntroductionState.DECLINED_BY_PERSON: _("Klien tidak mau"),
    IntroductionState.DECLINED_BY_EMPLOYER: _("Tidak dilanjutkan"),
    IntroductionState.WITHDRAWN: _("Tarik"),
    IntroductionState.FILLED: _("Lowongan sudah terisi"),
    IntroductionState.ENDED: _("Catat hubungan kerja berakhir"),
}
EMPLOYER_LABELS = {IntroductionState.WITHDRAWN: _("Tarik permintaan")}


NO_LONGER_AVAILABLE = _("Tidak tersedia lagi")


def state_words(
    state: IntroductionState, role: RoleName, withdrawn_by: RoleName | None = None
) -> str:
    """What a role reads of a state. An employer learns that a person is no longer available, and
    neither who withdrew nor why."""
    hidden = state == IntroductionState.WITHDRAWN and role is RoleName.EMPLOYER
    if hidden and withdrawn_by is not RoleName.EMPLOYER:
        return str(NO_LONGER_AVAILABLE)
    return gettext(state.label)


def steps(state: IntroductionState, role: RoleName) -> list[tuple[IntroductionState, Any]]:
    """(state, words) of each step a role may take, in the order of the way."""
    labels = STEP_LABELS | (EMPLOYER_LABELS if role is RoleName.EMPLOYER else {})
    allowed = next_states(state, role)
    return [(to, labels[to]) for to in IntroductionState if to in allowed]
