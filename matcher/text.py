"""Words of Indonesian vacancies: normal form, tokens, stems."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

# What the stemmer gets wrong or does not know, in the trades: word -> stem.
STEM_EXCEPTIONS = {
    "pengelasan": "las",
    "mengelas": "las",
    "pengelas": "las",
    "dilas": "las",
    "ngelas": "las",
    "memasak": "masak",
    "pemasak": "masak",
    "masakan": "masak",
    "menyetrika": "setrika",
    "penyetrikaan": "setrika",
    "mengecat": "cat",
    "pengecatan": "cat",
    "pengecat": "cat",
    "ngecat": "cat",
    "mengebor": "bor",
    "pengeboran": "bor",
    "mengepak": "pak",
    "pengepakan": "pak",
    "mengetik": "ketik",
    "pengetikan": "ketik",
    "ngetik": "ketik",
    "mengelola": "kelola",
    "pengelolaan": "kelola",
    "menyablon": "sablon",
    "penyablonan": "sablon",
    "mengetam": "ketam",
    "menyolder": "solder",
    "penyolderan": "solder",
    "mengemudi": "kemudi",
    "pengemudi": "kemudi",
    "menyetir": "setir",
    "penyetir": "setir",
    "menyapu": "sapu",
    "mengepel": "pel",
    "membatik": "batik",
    "pembatikan": "batik",
    "perakitan": "rakit",
    "merakit": "rakit",
    "perakit": "rakit",
    "adukan": "aduk",
    "bertani": "tani",
    "memadatkan": "padat",
    "memangkas": "pangkas",
    "mengemas": "kemas",
    "mengeringkan": "kering",
    "menumis": "tumis",
    "ngaduk": "aduk",
    "ngamplas": "amplas",
    "ngebor": "bor",
    "ngukur": "ukur",
    "nyablon": "sablon",
    "nyetrika": "setrika",
    "nyolder": "solder",
    "pemadatan": "padat",
    "pemangkas": "pangkas",
    "pemolesan": "poles",
    "pemrogram": "program",
    "pemrograman": "program",
    "pengemasan": "kemas",
    "pengeringan": "kering",
    "peracik": "racik",
    "perancangan": "rancang",
    "perawatan": "rawat",
    "peternakan": "ternak",
}

# Words of a title that say somebody leads others.
_LEADER = re.compile(
    r"\b(manage?r|maneger|manajer|menejer|head|kepala|supervisor|spv|supv|superintendent|director|direktur|gm|chief|"
    r"kabag|leader|lead|foreman|mandor|koordinator|coordinator|pimpinan)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:[.'’+#-][^\W_]+)*\+*|[^\W_]", re.UNICODE)
_SPACE = re.compile(r"\s+")


def normal(text: str) -> str:
    """Case-folded, NFKC, one space between words, other signs than letters and digits gone."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(folded))


def names_leader(text: str) -> bool:
    """Whether a title names somebody who leads others: "kepala gudang", "sales manager"."""
    return _LEADER.search(text) is not None


def lower_in_place(text: str) -> str:
    """Lower case, one character for one, so that places in it are places in the text."""
    return "".join(
        lowered if len(lowered := character.lower()) == 1 else character for character in text
    )


def one_line(text: str) -> str:
    """Runs of white space as one space."""
    return _SPACE.sub(" ", text).strip()


def words(text: str) -> list[str]:
    """The words of a normal form."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


@cache
def _stemmer() -> Any:
    from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

    return StemmerFactory().create_stemmer()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one case-folded word: PySastrawi (Nazief-Adriani), after our own exceptions."""
    if word in STEM_EXCEPTIONS:
        return STEM_EXCEPTIONS[word]
    if not word.isalpha() or len(word) < 4:
        return word
    return _stemmer().stem(word)
