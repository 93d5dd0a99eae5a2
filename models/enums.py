"""Every state, kind and reason that is stored, with its label in Indonesian.

Labels are message ids: pages translate them. A label never names an offence or a record.
"""

from enum import Enum, IntFlag


class LabelledEnum(str, Enum):  # noqa: UP042  (StrEnum would refuse the label)
    """A string enum whose members carry an Indonesian label."""

    label: str

    def __new__(cls, value: str, label: str) -> "LabelledEnum":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __str__(self) -> str:
        return self.value


class RoleName(LabelledEnum):
    EMPLOYER = "employer", "Pemberi kerja"
    OFFICER = "officer", "Pembimbing Kemasyarakatan"
    PERSON = "person", "Pencari kerja"
    TRAINER = "trainer", "Petugas pelatihan"
    ADMIN = "admin", "Pengelola"


class PersonStatus(LabelledEnum):
    """Where a person stands on the way out (UU 22/2022)."""

    IN_CUSTODY = "in_custody", "Masih menjalani pembinaan"
    ASSIMILATION = "assimilation", "Asimilasi"
    CONDITIONAL_RELEASE = "conditional_release", "Pembebasan Bersyarat (PB)"
    CONDITIONAL_LEAVE = "conditional_leave", "Cuti Bersyarat (CB)"
    LEAVE_BEFORE_RELEASE = "leave_before_release", "Cuti Menjelang Bebas (CMB)"
    FREE = "free", "Bebas"


class Gender(LabelledEnum):
    """Kept for the fairness audit alone; ranking never sees it."""

    FEMALE = "female", "Perempuan"
    MALE = "male", "Laki-laki"


class Education(LabelledEnum):
    """Highest schooling, in rising order (see `rank`)."""

    NONE = "none", "Tidak bersekolah"
    PRIMARY = "primary", "SD atau sederajat"
    LOWER_SECONDARY = "lower_secondary", "SMP atau sederajat"
    UPPER_SECONDARY = "upper_secondary", "SMA, SMK atau sederajat"
    DIPLOMA = "diploma", "Diploma (D1 sampai D4)"
    BACHELOR = "bachelor", "Sarjana (S1)"
    MASTER = "master", "Magister (S2)"
    DOCTOR = "doctor", "Doktor (S3)"

    @property
    def rank(self) -> int:
        """0 for no schooling to 7 for a doctorate."""
        return list(Education).index(self)


class Mobility(LabelledEnum):
    """How far a person goes for work."""

    COMMUTE = "commute", "Pulang pergi dari rumah"
    PROVINCE = "province", "Mau pindah di dalam provinsi"
    ANYWHERE = "anywhere", "Mau pindah ke mana saja"


class Hours(IntFlag):
    """Parts of the day a vacancy needs or a person can give."""

    DAY = 1
    EVENING = 2
    NIGHT = 4
    WEEKEND = 8


HOURS_LABELS = {
    Hours.DAY: "Siang hari",
    Hours.EVENING: "Sore sampai malam",
    Hours.NIGHT: "Sif malam",
    Hours.WEEKEND: "Akhir pekan",
}


class VacancyTrait(IntFlag):
    """What a vacancy involves that a lawful exclusion or a restriction may refer to."""

    CHILDREN = 1
    CASH = 2
    PUBLIC_ROAD_DRIVING = 4
    MEDICINES = 8
    PRIVATE_HOMES = 16
    ABROAD = 32


VACANCY_TRAIT_LABELS = {
    VacancyTrait.CHILDREN: "Bekerja dengan anak",
    VacancyTrait.CASH: "Memegang uang tunai",
    VacancyTrait.PUBLIC_ROAD_DRIVING: "Mengemudi di jalan umum",
    VacancyTrait.MEDICINES: "Memegang obat",
    VacancyTrait.PRIVATE_HOMES: "Bekerja di rumah orang",
    VacancyTrait.ABROAD: "Bekerja di luar negeri",
}


class FacilityKind(LabelledEnum):
    LAPAS = "lapas", "Lapas"
    RUTAN = "rutan", "Rutan"
    LPKA = "lpka", "LPKA"
    LPP = "lpp", "Lapas Perempuan"


class RegionKind(LabelledEnum):
    KABUPATEN = "kabupaten", "Kabupaten"
    KOTA = "kota", "Kota"


class OffenceFamily(LabelledEnum):
    """Coarse families; kept apart, read only by lawful exclusions and the audit."""

    PROPERTY = "property", "Harta benda"
    NARCOTICS = "narcotics", "Narkotika"
    VIOLENCE = "violence", "Kekerasan"
    CHILDREN = "children", "Terhadap anak"
    CORRUPTION = "corruption", "Korupsi"
    FRAUD = "fraud", "Penipuan"
    TRAFFIC = "traffic", "Lalu lintas"
    OTHER = "other", "Lainnya"


class RestrictionKind(LabelledEnum):
    """Conditions of guidance a person lives under; each becomes eligibility at once."""

    STAY_IN_REGION = "stay_in_region", "Tidak boleh keluar kabupaten/kota tempat tinggal"
    STAY_IN_PROVINCE = "stay_in_province", "Tidak boleh keluar provinsi tempat tinggal"
    NO_NIGHT_WORK = "no_night_work", "Tidak boleh kerja malam"
    NO_WORK_WITH_CHILDREN = "no_work_with_children", "Tidak boleh bekerja dengan anak"
    NO_CASH_HANDLING = "no_cash_handling", "Tidak boleh memegang uang tunai"
    NO_DRIVING = "no_driving", "Tidak boleh mengemudi di jalan umum"
    NO_WORK_WITH_MEDICINES = "no_work_with_medicines", "Tidak boleh memegang obat"
    NO_WORK_IN_HOMES = "no_work_in_homes", "Tidak boleh bekerja di rumah orang"
    NO_WORK_ABROAD = "no_work_abroad", "Tidak boleh bekerja di luar negeri"


class TrainingStatus(LabelledEnum):
    RUNNING = "running", "Sedang berjalan"
    FINISHED = "finished", "Selesai"
    STOPPED = "stopped", "Berhenti"


class Verification(LabelledEnum):
    """What is known of a certificate."""

    UNVERIFIED = "unverified", "Belum diperiksa"
    VERIFIED = "verified", "Sudah diperiksa"
    REVOKED = "revoked", "Dicabut"


class ConceptKind(LabelledEnum):
    """What a requirement points at."""

    UNIT = "unit", "Unit kompetensi"
    OCCUPATION = "occupation", "Pekerjaan"
    LICENCE = "licence", "Lisensi"
    TEXT = "text", "Kata-kata"


class Importance(LabelledEnum):
    MUST = "must", "Wajib"
    NICE = "nice", "Diutamakan"


class VacancyStatus(LabelledEnum):
    DRAFT = "draft", "Draf"
    PUBLISHED = "published", "Tayang"
    CLOSED = "closed", "Ditutup"


class IntroductionState(LabelledEnum):
    PROPOSED = "proposed", "Diusulkan"
    CONSENTED = "consented", "Disetujui pencari kerja"
    INTRODUCED = "introduced", "Sudah diperkenalkan"
    INTERVIEW = "interview", "Wawancara"
    OFFERED = "offered", "Ditawari kerja"
    PLACED = "placed", "Diterima kerja"
    RETAINED_3 = "retained_3", "Masih bekerja setelah 3 bulan"
    RETAINED_6 = "retained_6", "Masih bekerja setelah 6 bulan"
    RETAINED_12 = "retained_12", "Masih bekerja setelah 12 bulan"
    DECLINED_BY_PERSON = "declined_by_person", "Tidak diambil pencari kerja"
    DECLINED_BY_EMPLOYER = "declined_by_employer", "Tidak dilanjutkan pemberi kerja"
    WITHDRAWN = "withdrawn", "Ditarik"
    FILLED = "filled", "Lowongan sudah terisi"
    ENDED = "ended", "Hubungan kerja berakhir"


class WithdrawalReason(LabelledEnum):
    """Why somebody who was hired takes the consent back; the officer reads it, no employer does."""

    LEFT_WORK = "left_work", "Saya sudah tidak bekerja di sana"
    PRIVACY = "privacy", "Saya masih bekerja, tetapi tidak mau data saya dilihat lagi"
    TROUBLE = "trouble", "Ada masalah di tempat kerja"
    OTHER = "other", "Alasan lain"


class ConsentPurpose(LabelledEnum):
    LISTING = "listing", "Tampil tanpa nama di daftar kecocokan"
    INTRODUCTION = "introduction", "Memperkenalkan diri kepada satu pemberi kerja"


class IneligibilityReason(LabelledEnum):
    """Why a person is left out of a vacancy. Officers see the reason; employers never do."""

    NO_CONSENT = "no_consent", "Belum memberi izin untuk ditampilkan"
    NOT_YET_AVAILABLE = "not_yet_available", "Belum bisa mulai pada tanggal yang diminta"
    TOO_FAR = "too_far", "Terlalu jauh dan tidak bersedia pindah"
    EDUCATION = "education", "Pendidikan di bawah syarat"
    LICENCE = "licence", "Belum punya lisensi yang diwajibkan"
    HOURS = "hours", "Jam kerja tidak cocok"
    RESTRICTION = "restriction", "Bertentangan dengan syarat pembimbingan"
    EXCLUSION = "exclusion", "Ada larangan yang sah untuk pekerjaan ini"


class AliasKind(LabelledEnum):
    FORMAL = "formal", "Baku"
    COLLOQUIAL = "colloquial", "Sehari-hari"
    SLANG = "slang", "Istilah lapangan"
    REGIONAL = "regional", "Daerah"
    ENGLISH = "english", "Inggris"
    MISSPELLING = "misspelling", "Salah tulis"
    ABBREVIATION = "abbreviation", "Singkatan"


class ExternalSource(LabelledEnum):
    """Whose official taxonomy a concept is of."""

    ESCO = "esco", "ESCO (Uni Eropa)"
    SKKNI = "skkni", "SKKNI"
    KBJI = "kbji", "KBJI"


class ExternalKind(LabelledEnum):
    OCCUPATION = "occupation", "Pekerjaan"
    SKILL = "skill", "Keterampilan"
    UNIT = "unit", "Unit kompetensi"
    GROUP = "group", "Golongan"


class ExternalRelationKind(LabelledEnum):
    """What a concept is to another one of the same taxonomy."""

    ESSENTIAL = "essential", "Keterampilan pokok"
    OPTIONAL = "optional", "Keterampilan tambahan"
    BROADER = "broader", "Bagian dari"


class LinkStatus(LabelledEnum):
    """Whether an official concept means ours: what linking proposes, and what somebody decided."""

    PROPOSED = "proposed", "Belum diputuskan"
    ACCEPTED = "accepted", "Diterima"
    REJECTED = "rejected", "Ditolak"
