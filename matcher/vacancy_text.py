"""Taking a vacancy's text apart: segments, must or nice, wage, place, schooling, hours, licences.

Rules over words that Indonesian vacancies use. Every finding keeps the place of its words, so
nothing is ever said of a vacancy that its text does not say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcher.text import lower_in_place
from models.enums import Education, Hours, Importance, VacancyTrait

LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text that says one thing; start and end are places in the whole text."""

    text: str
    start: int
    end: int
    importance: Importance
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A fact and where it stands."""

    value: object
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Concern:
    """Words that shut people out for what the work does not need, with a kind alternative."""

    kind: str
    words: str
    start: int
    end: int
    advice: str


_BREAK = re.compile(
    r"[\n\r;•●▪◦‣·]+(?:\s*\d{1,2}[.)]\s+)?|"
    # a full stop ends a sentence, but not after "Rp." or "min."; a dash stands before an entry, but
    # not between two amounts
    r"(?<=[.!?])(?<!\brp\.)(?<!\bmin\.)(?<!\bmax\.)(?<!\bmaks\.)(?<!\bs\.d\.)\s+|"
    r"(?:^|\s)[-*–]\s+(?!(?:rp\.?|idr)?\s*\d)|(?:^|\s)\d{1,2}[.)]\s+",
    re.IGNORECASE,
)
_LIST = re.compile(r",\s+(?!\d)|\s+(?:dan|serta|and|&|plus)\s+", re.IGNORECASE)
_NICE = re.compile(
    r"\b(diutamakan|lebih disukai|lebih diutamakan|nilai plus|nilai tambah|menjadi nilai|"
    r"disukai|opsional|tidak wajib|preferred|preferably|nice to have|a plus|is a plus|advantage)\b",
    re.IGNORECASE,
)
_MUST = re.compile(
    r"\b(wajib|harus|mutlak|minimal|syarat utama|must|required|mandatory)\b", re.IGNORECASE
)
_CLAUSE = re.compile(r",\s+(?!\d)")
_LEADS_IN = re.compile(  # what may stand before "diutamakan" where it opens a clause
    r"\W*(?:(?:dan|serta|juga|akan|sangat|lebih|namun|tetapi|tapi|yang)\b\W*)*", re.IGNORECASE
)
_FIXED_PHRASE = re.compile(
    r"\b(?:keselamatan (?:dan|&) kesehatan(?: kerja)?|kesehatan (?:dan|&) keselamatan(?: kerja)?|"
    r"antar (?:dan|&) jemput|bongkar (?:dan|&) (?:muat|pasang)|hama dan penyakit|baca dan tulis|"
    r"makanan dan minuman|food (?:and|&) beverage|health (?:and|&) safety|"
    r"research (?:and|&) development|mechanical (?:and|&) electrical)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^\W*(syarat|persyaratan|kualifikasi|kriteria|requirement\w*|qualification\w*|tugas|"
    r"tanggung jawab|deskripsi\w*|job ?desk?\w*|responsibilit\w*|fasilitas|benefit\w*|keuntungan|"
    r"kami menawarkan|kontak|lamaran|diutamakan|lebih disukai|nilai plus|nilai tambah|nice to have|"
    r"preferred)\b[^:\n]{0,40}:?\s*",
    re.IGNORECASE,
)
_NOT_ASKED = re.compile(
    r"^(fasilitas|benefit|keuntungan|kami menawarkan|kontak|lamaran)", re.IGNORECASE
)


def segments(text: str, together: Sequence[tuple[int, int]] = ()) -> list[Segment]:
    """The pieces of a text in order. Lists in one sentence are split at commas and "dan", but not within
    the places of words that belong together ("keselamatan dan kesehatan kerja")."""
    together = [
        *together,
        *((match.start(), match.end()) for match in _FIXED_PHRASE.finditer(text)),
    ]
    found: list[Segment] = []
    heading = ""
    for start, end in _pieces(text):
        piece = text[start:end]
        match = _HEADING.match(piece)
        if match and _is_heading(text, match, end):
            heading = match.group(1).casefold()
            start += match.end()
            if start >= end:
                continue
            piece = text[start:end]
        if _NOT_ASKED.match(heading):
            continue
        nice = _nice_places(piece, start)
        under_nice = _NICE.search(heading) and not _MUST.search(piece)
        for inner_start, inner_end in _listed(text, start, end, together):
            is_nice = under_nice or any(
                first < inner_end and inner_start < last for first, last in nice
            )
            importance = Importance.NICE if is_nice else Importance.MUST
            found.append(
                Segment(text[inner_start:inner_end], inner_start, inner_end, importance, heading)
            )
    return found


def _is_heading(text: str, match: re.Match[str], end: int) -> bool:
    """Whether a piece that begins like a heading and ends at `end` is one."""
    if match.group(0).rstrip().endswith(":"):
        return True
    is_whole = match.end() == len(match.string)
    return is_whole and (
        text[end : end + 3].lstrip(" *").startswith(":") or match.group(0) == match.group(1)
    )


def _pieces(text: str) -> list[tuple[int, int]]:
    places, last = [], 0
    for match in _BREAK.finditer(text):
        places.append((last, match.start()))
        last = match.end()
    places.append((last, len(text)))
    return [trimmed for start, end in places if (trimmed := _trim(text, start, end))]


def _listed(
    text: str, start: int, end: int, together: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    if end - start < 12:
        return [(start, end)]
    places, last = [], start
    for match in _LIST.finditer(text, start, end):
        if any(first < match.start() and match.end() < stop for first, stop in together):
            continue
        places.append((last, match.start()))
        last = match.end()
    places.append((last, end))
    return [trimmed for one, two in places if (trimmed := _trim(text, one, two))]


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in ")+#"):
        end -= 1
    return (start, end) if end - start >= 2 else None


def _nice_places(piece: str, start: int) -> list[tuple[int, int]]:
    """Places, in the text in which a piece begins at `start`, of what it calls nice to have.

    "diutamakan" makes nice what follows it; behind its words ("… lebih disukai") what stands before it
    up to the comma; and alone between commas ("…, tidak wajib") what stands before those.
    """
    clauses, last = [], 0
    for match in _CLAUSE.finditer(piece):
        clauses.append((last, match.start()))
        last = match.end()
    clauses.append((last, len(piece)))
    nice: set[int] = set()
    goes_on = False
    for number, (first, end) in enumerate(clauses):
        clause = piece[first:end]
        found = _NICE.search(clause)
        if found is None:
            goes_on = goes_on and not _MUST.search(clause)
        else:
            goes_on = _LEADS_IN.fullmatch(clause[: found.start()]) is not None
            if goes_on and not any(sign.isalnum() for sign in clause[found.end() :]):
                goes_on = False
                nice.add(number - 1)
        if found or goes_on:
            nice.add(number)
    return [
        (start + first, start + end)
        for number, (first, end) in enumerate(clauses)
        if number in nice
    ]


# Words before a skill that say how it is asked for, not what it is.
_ASKED_FOR = re.compile(
    r"^(?:(?:wajib|harus|mutlak|bisa|mampu|dapat|sanggup|cakap|mahir|menguasai|memahami|mengerti|"
    r"mengetahui|paham|terbiasa|biasa|berpengalaman|pengalaman|diutamakan|lebih disukai|disukai|"
    r"nilai plus|nilai tambah|yang|memiliki|mempunyai|punya|keahlian|keterampilan|kemampuan|skill|"
    r"pekerjaan|dalam|di bidang|bidang|untuk|tentang|minimal|must|able to|can|knowledge of|"
    r"experienced?|experience in|in|with|familiar with|having|has|proficient in|good at)\b[\s:,-]*)+",
    re.IGNORECASE,
)


def skill(text: str) -> str:
    """The skill a piece asks for, without the words that only ask: "wajib bisa las" -> "las".

    The whole piece when nothing else stands in it.
    """
    match = _ASKED_FOR.match(text)
    rest = text[match.end() :] if match else text
    return rest if len(rest.strip()) >= 2 else text


# Pieces made of these alone ask for character, which no certificate shows; they are not ranked.
_CHARACTER = re.compile(
    r"^(?:(?:jujur|disiplin|rajin|ramah|sopan|santun|teliti|tekun|ulet|cekatan|gesit|rapi|bersih|"
    r"tanggung jawab|bertanggung jawab|bertanggungjawab|loyal|loyalitas|pekerja keras|kerja keras|"
    r"mau belajar|kemauan belajar|cepat belajar|semangat|motivasi|motivasi tinggi|inisiatif|proaktif|"
    r"sehat|jasmani|rohani|fisik|mental|komunikatif|kerja sama|kerjasama|tim|team|work|teamwork|"
    r"tekanan|bekerja|bawah|di|dalam|secara|individu|individual|maupun|atau|dan|tinggi|baik|yang|"
    r"berkelakuan|berkepribadian|attitude|honest|hardworking|punctual|memiliki|mampu|dapat|bisa|"
    r"penuh|siap|target|deadline|energik|sigap|tepat|waktu)\b[\s,/&.-]*)+$",
    re.IGNORECASE,
)


def is_character(text: str) -> bool:
    """Whether a piece asks only for character: "jujur dan disiplin", "mau belajar"."""
    return _CHARACTER.match(text.strip()) is not None


_EDUCATION = (
    (Education.DOCTOR, r"s3|doktor|phd|doctorate"),
    (Education.MASTER, r"s2|magister|master'?s? degree|pascasarjana"),
    (Education.BACHELOR, r"s1|sarjana|strata 1|bachelor|d4|s-1"),
    (Education.DIPLOMA, r"d3|d2|d1|d-3|diploma"),
    (
        Education.UPPER_SECONDARY,
        r"sma|smk|smu|stm|slta|smea|sma/smk|high school|sederajat sma|paket c|man",
    ),
    (Education.LOWER_SECONDARY, r"smp|sltp|mts|paket b"),
    (Education.PRIMARY, r"sd(?!\s*\d)|paket a"),  # "18 sd 35" means "to"
)
_EDUCATION_CONTEXT = re.compile(
    r"^\W*(?:s-?[123]|d-?[1234]|sma|smk|smp)\b|pendidikan|lulusan|min(?:imal|\.)?|ijazah|lulus|tamatan|education|degree|sederajat|fresh",
    re.IGNORECASE,
)


def education(text: str) -> Found | None:
    """The least schooling a text asks for: the lowest of those named in a line about schooling."""
    best: Found | None = None
    for start, end in _pieces(text):
        piece = text[start:end]
        if not _EDUCATION_CONTEXT.search(piece):
            continue
        nice = _NICE.search(piece)
        if nice:  # "SMA, diutamakan D3" asks for SMA
            piece = piece[: max(piece.rfind(",", 0, nice.start()), 0)]
        for level, pattern in _EDUCATION:
            match = re.search(rf"(?<![\w]){pattern_group(pattern)}(?![\w])", piece, re.IGNORECASE)
            if match and (best is None or level.rank < best.value.rank):  # type: ignore[attr-defined]
                best = Found(level, start + match.start(), start + match.end())
    return best


def pattern_group(pattern: str) -> str:
    return f"(?:{pattern})"


_MONEY = (
    r"(?:(?:rp\.?|idr)\s*)?(?<!\d)(?<!\d[.,])(\d{1,3}(?:[.,]\d{3}){1,5}|\d{1,9}(?:[.,]\d{1,3})?)(?!\d)"
    r"(?:\s*(juta|jt|ribu|rb|k(?!\w)))?"
)
_MONEY_RANGE = re.compile(
    rf"{_MONEY}(?:(?:,-|,00)?\s*(?:-|–|s\.?/?d\.?|sampai(?: dengan)?|hingga|to)\s*{_MONEY})?",
    re.IGNORECASE,
)
_WAGE_CONTEXT = re.compile(
    r"gaji|upah|salary|penghasilan|income|rp\.?\s*\d|idr\s*\d|umr|umk|per ?bulan|/ ?bulan|"
    r"\d\s*(?:juta|jt)\b",
    re.IGNORECASE,
)
_DAILY = re.compile(r"per ?hari|/ ?hari|harian|sehari", re.IGNORECASE)
LEAST_MONTHLY, MOST_MONTHLY = 300_000, 200_000_000
MOST_DAILY = 1_000_000  # more is a month's wage, whatever else the line says of days
WORK_DAYS = 25


def wage(text: str) -> Found | None:
    """(least, most) rupiah a month; a daily wage is taken 25 times."""
    for start, end in _pieces(text):
        piece = text[start:end]
        if not _WAGE_CONTEXT.search(piece):
            continue
        is_daily = bool(_DAILY.search(piece))
        for match in _MONEY_RANGE.finditer(piece):
            digits, unit, most_digits, most_unit = match.groups()
            # "4-5 juta": the unit at the end belongs to both
            values = [_amount(digits, unit or most_unit)]
            if most_digits:
                values.append(_amount(most_digits, most_unit or unit))
            if is_daily and max(values) <= MOST_DAILY:
                values = [value * WORK_DAYS for value in values]
            if all(LEAST_MONTHLY <= value <= MOST_MONTHLY for value in values):
                return Found((min(values), max(values)), start + match.start(), start + match.end())
    return None


def _amount(digits: str, unit: str | None) -> int:
    unit = (unit or "").casefold()
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits) and not unit:
        return int(re.sub(r"[.,]", "", digits))
    value = float(digits.replace(",", ".")) if digits.count(".") + digits.count(",") <= 1 else 0.0
    scale = {"juta": 1_000_000, "jt": 1_000_000, "ribu": 1000, "rb": 1000, "k": 1000}.get(unit, 1)
    return round(value * scale)


_EXPERIENCE = re.compile(
    r"(?:pengalaman|experience\w*|berpengalaman)(?:(?!usia|umur|\bage\b)[^\d\n;]){0,40}?"
    r"(\d{1,2})\s*(?:-\s*\d{1,2}\s*)?(tahun|thn|th|year|bulan|bln|month)|"
    r"(?<!\d)(\d{1,2})\s*(?:-\s*\d{1,2}\s*)?(?:\+\s*)?(tahun|thn|th|years?|bulan|bln|months?)"
    r"[^\d\n;]{0,15}(?:pengalaman|experience)",
    re.IGNORECASE,
)


def experience_months(text: str) -> Found | None:
    """Months of experience asked for."""
    match = _EXPERIENCE.search(text)
    if not match:
        return None
    number, unit = match.group(1) or match.group(3), match.group(2) or match.group(4)
    months = int(number) * (1 if unit.casefold().startswith(("b", "m")) else 12)
    return Found(months, match.start(), match.end())


_HOURS = (
    (
        Hours.NIGHT,
        r"sh?if[t]? malam|kerja malam|sh?ift 3|3 sh?ift|tiga sh?ift|night shift|"
        r"sistem sh?if[t]?|bersedia sh?ift\w*|24 jam|bersedia bekerja sh?ift\w*",
    ),
    (
        Hours.WEEKEND,
        r"akhir pekan|weekend|hari libur|tanggal merah|sabtu dan minggu|hari minggu",
    ),
    (Hours.EVENING, r"sh?ift sore|sore hari|sampai malam|lembur|evening"),
)


def hours(text: str) -> tuple[Hours, list[Found]]:
    """Parts of the day the work needs: day, and what else the text names."""
    needed, found = Hours.DAY, []
    for flag, pattern in _HOURS:
        match = re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE)
        if match:
            needed |= flag
            found.append(Found(flag, match.start(), match.end()))
    return needed, found


_LICENCES = (
    ("SIM-A", r"sim\s*a(?![\w])"),
    ("SIM-B1", r"sim\s*b\s*(?:1|i)(?![\w])"),
    ("SIM-B2", r"sim\s*b\s*(?:2|ii)(?![\w])"),
    ("SIM-C", r"sim\s*c(?![\w])"),
    ("SIO-FORKLIFT", r"sio\s*(?:forklift|forklip|forklif)|lisensi forklift|sertifikat forklift"),
    ("SIO-CRANE", r"sio\s*(?:crane|krane)|sio\s*overhead"),
    ("SIO-BOILER", r"sio\s*boiler|sertifikat (?:operator )?boiler"),
    ("SIO-HEAVY", r"sio\s*(?:alat berat|excavator|ekskavator|loader|dozer)"),
    ("K3-LISTRIK", r"k3\s*listrik|ak3\s*listrik"),
    ("K3-SCAFFOLDING", r"k3\s*(?:scaffolding|perancah)"),
    ("K3-UMUM", r"k3\s*umum|ak3\s*umum|ahli k3"),
    ("GADA-PRATAMA", r"gada\s*(?:pratama|madya|utama)"),
    ("BREVET-AB", r"brevet\s*(?:a|b|ab|a\s*(?:&|dan|/)\s*b)"),
    ("STR", r"\bstr\b(?:\s*aktif)?"),
    ("SIPA", r"\bsipa\b"),
    ("PPJK", r"\bppjk\b|ahli kepabeanan"),
    ("PKPA", r"\bpkpa\b"),
    ("WPPE", r"\bwppe?\b"),
)
_SEVERAL_SIM = re.compile(
    r"(?<!\w)sim\s*([abc][12]?(?:\s*(?:,|dan|/|&|atau)\s*[abc][12]?(?!\w))+)", re.IGNORECASE
)


def licences(text: str) -> list[Found]:
    """Licences a text names, by code, each once."""
    found: dict[str, Found] = {}
    for code, pattern in _LICENCES:
        match = re.search(rf"(?<!\w)(?:{pattern})", text, re.IGNORECASE)
        if match:
            found[code] = Found(code, match.start(), match.end())
    several = _SEVERAL_SIM.search(text)
    if several:
        for kind in re.findall(r"\b[abc][12]?\b", several.group(1), re.IGNORECASE):
            code = f"SIM-{kind.upper()}"
            if code in ("SIM-A", "SIM-B1", "SIM-B2", "SIM-C"):
                found.setdefault(code, Found(code, several.start(), several.end()))
    return list(found.values())


_TRAITS = (
    (
        VacancyTrait.CHILDREN,
        r"anak(?:-anak)? (?:kecil|didik|balita)|balita|babysitter|baby sitter|pengasuh anak|guru|"
        r"paud|tk\b|daycare|siswa|bimbel",
    ),
    (VacancyTrait.CASH, r"kasir|cashier|teller|uang tunai|kas kecil|petty cash|setoran|penagih"),
    (
        VacancyTrait.PUBLIC_ROAD_DRIVING,
        r"sopir|supir|(?<!install )(?<!instal )(?<!software )driver(?! (?:printer|perangkat|windows|laptop|vga|komputer))|"
        r"pengemudi|kurir|courier|sim\s*[abc]\b|sim\s*b[12]|mengemudi|menyetir",
    ),
    (
        VacancyTrait.MEDICINES,
        r"apotek\w*|(?:ke)?farmasi(?:an)?|apoteker|pharmac\w+|obat-obatan|obat (?:resep|keras)|resep obat|"
        r"(?:meracik|menyerahkan|memberikan|menyiapkan|pemberian|pelayanan|gudang|stok|toko|sales) obat",
    ),
    (
        VacancyTrait.PRIVATE_HOMES,
        r"(?:asisten|pembantu|pekerja|pekerjaan|di) rumah tangga|(?-i:ART)\b|majikan|perawat lansia|"
        r"ke rumah pelanggan|home service",
    ),
    (VacancyTrait.ABROAD, r"luar negeri|overseas|abroad|pekerja migran|\btki\b|\bpmi\b"),
)


def traits(text: str) -> tuple[VacancyTrait, list[Found]]:
    """What the work involves that a guidance condition may rule out."""
    flags, found = VacancyTrait(0), []
    for flag, pattern in _TRAITS:
        match = re.search(rf"(?<!\w)(?:{pattern})", text, re.IGNORECASE)
        if match:
            flags |= flag
            found.append(Found(flag, match.start(), match.end()))
    return flags, found


_LEVEL = re.compile(
    r"(?:kkni|level|jenjang|kualifikasi)\s*(?:level\s*)?([1-9]|ix|iv|v?i{1,3}|vi|v)\b", re.I
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}


def level(text: str) -> int | None:
    """The KKNI level a segment names, 1 to 9."""
    match = _LEVEL.search(text)
    if not match:
        return None
    given = match.group(1).casefold()
    return int(given) if given.isdigit() else _ROMAN.get(given)


# kind, pattern, advice; the advice is a message id that pages translate
CONCERNS = (
    (
        "age",
        r"\b(?:(?:ber)?usia|(?:ber)?umur|age)\b(?:[^.\n;]|(?<=maks)\.|(?<=max)\.|(?<=min)\.){0,25}?\d{2}\b"
        r"(?:\s*(?:-|sampai|s/?d|to)\s*\d{2}\b)?(?!\s*(?:hari|minggu|bulan|days?|weeks?|months?)\b)"
        r"(?:\s*(?:tahun|thn|th|years?)\b)?",  # plants and chicks have an age in days
        "Batas usia jarang perlu untuk pekerjaan. Tulis kemampuan yang dibutuhkan, misalnya "
        "«sanggup mengangkat 20 kg».",
    ),
    (
        "looks",
        r"berpenampilan (?:menarik|rapi|baik)|good looking|penampilan menarik|\bcantik\b|\bganteng\b|"
        r"tinggi badan[^.\n;]{0,20}|berat badan (?:ideal|proporsional)|proporsional",
        "Penampilan bukan ukuran kerja. Tulis yang dinilai, misalnya «ramah melayani pelanggan».",
    ),
    (
        "gender",
        r"(?<!pakaian )(?<!busana )(?<!baju )(?<!celana )(?<!sepatu )(?<!tas )(?<!mode )(?<!rambut )"
        r"\b(?:khusus )?(?:pria|wanita|laki-laki|perempuan)"
        r"(?:\s*(?:/|,|&|\bdan\b|\batau\b|\bmaupun\b)\s*(?:pria|wanita|laki-laki|perempuan))?\b|"
        r"\b(?:male|female)(?:\s*(?:/|,|&|\band\b|\bor\b)\s*(?:male|female))?\b",
        "Jenis kelamin jarang menentukan hasil kerja. Tulis tugasnya, lalu biarkan yang mampu melamar.",
    ),
    (
        "marital",
        r"belum menikah|\bsingle\b(?! (?:phase|fase|needle|jarum|cab|origin))|\blajang|tidak sedang hamil|tidak hamil|status (?:menikah|lajang)",
        "Status perkawinan adalah urusan pribadi. Tulis jam kerja yang dibutuhkan.",
    ),
    (
        "religion",
        r"(?:ber)?agama (?:islam|kristen|katolik|hindu|buddha|budha)|(?<!busana )(?<!baju )\bmuslim(?:ah)?\b|non-?muslim|"
        r"diutamakan (?:islam|kristen|katolik)|\bsuku (?!cadang|bunga|kata)\w+",
        "Agama dan suku tidak boleh menjadi syarat kerja.",
    ),
    (
        "record",
        r"tidak pernah (?:dihukum|terlibat|dipidana)[^.\n;]{0,40}|skck|catatan kepolisian|"
        r"bebas (?:dari )?(?:catatan )?(?:kriminal|hukum)[^.\n;]{0,20}|tidak (?:ada|memiliki) catatan "
        r"kriminal|criminal record",
        "Titian mencocokkan keahlian. Bila hukum melarang pekerjaan ini bagi orang tertentu, larangan "
        "itu sudah diperiksa petugas; syarat ini tidak perlu ditulis.",
    ),
)


def concerns(text: str) -> list[Concern]:
    """Requirements that shut people out for no reason of the work."""
    found = []
    for kind, pattern, advice in CONCERNS:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if kind == "gender" and _names_both(match.group(0)):
                continue
            found.append(Concern(kind, match.group(0).strip(), match.start(), match.end(), advice))
            break
    return found


def _names_both(words: str) -> bool:
    """Whether men and women are both named: "Pria/Wanita" shuts nobody out."""
    lowered = words.casefold()
    women = re.search(r"wanita|perempuan|female", lowered)
    return women is not None and re.search(r"pria|laki-laki|\bmale", lowered) is not None


def place(text: str, places: Mapping[str, str]) -> Found | None:
    """The region or province code of the first, longest place named.

    places: lower-case name -> code. Words like "penempatan" or "di" before a name are not needed,
    but a name must stand as whole words.
    """
    lowered = lower_in_place(text)
    tokens = [
        (match.group(0), match.start(), match.end()) for match in re.finditer(r"[\w']+", lowered)
    ]
    best: Found | None = None
    best_size = 0
    lowered_tokens = [token for token, _, _ in tokens]
    skipped = _not_places(lowered_tokens)
    for first in range(len(tokens)):
        if first in skipped:
            continue
        for size in range(4, 0, -1):
            if first + size > len(tokens):
                continue
            name = " ".join(token for token, _, _ in tokens[first : first + size])
            code = places.get(name)
            if code is None:
                continue
            # a kabupaten or kota says more than a province; then the first one stands
            rank = 2 if "." in code else 1
            if rank > best_size:
                best = Found(code, tokens[first][1], tokens[first + size - 1][2])
                best_size = rank
            break
        if best_size == 2:
            break
    return best


# Words of a title that say how somebody is wanted, not for what.
_WANTED = re.compile(
    r"\b(?:di ?butuhkan|di ?cari|mencari|membutuhkan|lowongan|loker|kerja|urgent(?:ly)?|segera|need(?:ed)?|hiring|"
    r"we are|walk in interview|penempatan|placement|area|wilayah|cabang|kota|kab|kabupaten|based|freelance|part ?time|"
    r"full ?time|fresh graduates?|kontrak|wfh|wfo|hybrid|remote|terbaru|posisi|untuk|sebagai|di)\b",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\(?\b[a-z]{0,4}\d{4,}\)?|#\w+", re.IGNORECASE)


def job_title(text: str, places: Mapping[str, str]) -> str:
    """A title without places, reference numbers and words like "dibutuhkan"; as it is when nothing
    would be left."""
    cleaned = _WANTED.sub(" ", _REFERENCE.sub(" ", text))
    tokens = list(re.finditer(r"[\w']+", cleaned))
    lowered = [match.group(0).casefold() for match in tokens]
    kept, last, place = [], 0, 0
    skipped = _not_places(lowered)
    while place < len(tokens):
        size = 0 if place in skipped else _place_size(lowered, place, places)
        if size:
            kept.append(cleaned[last : tokens[place].start()])
            last = tokens[place + size - 1].end()
        place += max(size, 1)
    kept.append(cleaned[last:])
    result = re.sub(r"\s+", " ", re.sub(r"[(\[]\s*[)\]]", " ", " ".join(kept))).strip(" -–|/,.:()&")
    return result if sum(character.isalpha() for character in result) >= 2 else text


def _place_size(tokens: list[str], first: int, places: Mapping[str, str]) -> int:
    """How many tokens from `first` name a place; 0 when none do."""
    for size in range(4, 0, -1):
        if first + size <= len(tokens) and " ".join(tokens[first : first + size]) in places:
            return size
    return 0


# Places inside the names of dishes, tools and streets.
_NOT_PLACES = tuple(
    tuple(phrase.split())
    for phrase in (
        "nasi padang",
        "masakan padang",
        "rumah makan padang",
        "rm padang",
        "bakso malang",
        "soto lamongan",
        "pecel lele lamongan",
        "nasi kuning manado",
        "sate madura",
        "pempek palembang",
        "soto betawi",
        "mie aceh",
        "coto makassar",
        "batagor bandung",
        "brem bali",
        "jangka sorong",
        "las kuningan",
        "jl sudirman",
        "jalan sudirman",
        "jl jenderal sudirman",
        "jalan jenderal sudirman",
        "jl jend sudirman",
        "batik solo",
        "batik pekalongan",
        "batik cirebon",
        "ukir jepara",
        "ukiran jepara",
        "mebel jepara",
    )
)


def _not_places(tokens: list[str]) -> set[int]:
    """Places of tokens that stand inside such a name."""
    found: set[int] = set()
    for first in range(len(tokens)):
        for phrase in _NOT_PLACES:
            if tuple(tokens[first : first + len(phrase)]) == phrase:
                found.update(range(first, first + len(phrase)))
    return found
