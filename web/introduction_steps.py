"""The steps an employer or an officer may take on an introduction, in the words of their buttons."""

from typing import Any

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


def steps(state: IntroductionState, role: RoleName) -> list[tuple[IntroductionState, Any]]:
    """(state, words) of each step a role may take, in the order of the way."""
    labels = STEP_LABELS | (EMPLOYER_LABELS if role is RoleName.EMPLOYER else {})
    allowed = next_states(state, role)
    return [(to, labels[to]) for to in IntroductionState if to in allowed]
