"""How long reading takes: one vacancy of 150 words, and a thousand titles."""

import time
from dataclasses import dataclass

import numpy as np

from matcher.linking import Linker
from matcher.taxonomy import Taxonomy
from seed_data.demo.vacancies import synthetic_employers, synthetic_vacancies

VACANCY_WORDS = 150
TITLES = 1000
EMPLOYERS = 40
CLOSING = (
    "Kami perusahaan keluarga yang sedang berkembang dan membuka kesempatan bagi siapa saja yang mau bekerja. "
    "Fasilitas: makan siang, seragam, BPJS. Lamaran dikirim lewat halaman ini paling lambat akhir bulan. "
)


@dataclass(frozen=True, slots=True)
class LinkingTimes:
    """vacancy_ms: float64[n] wall milliseconds for one vacancy each; vacancy_cpu_ms: the same in
    processor time; pieces: the mean number of requirements read; titles_s, titles_cpu_s: seconds for
    TITLES different titles at once."""

    words: int
    vacancy_ms: np.ndarray
    vacancy_cpu_ms: np.ndarray
    pieces: float
    titles_s: float
    titles_cpu_s: float


def vacancies(taxonomy: Taxonomy, count: int, seed: int) -> list[tuple[str, str]]:
    """(title, text) of demo vacancies, each filled up to VACANCY_WORDS words with words that ask
    for nothing, or cut there."""
    found = []
    for vacancy in synthetic_vacancies(taxonomy, synthetic_employers(EMPLOYERS), count, seed):
        text = vacancy.text
        while len(text.split()) < VACANCY_WORDS:
            text += f"\n{CLOSING}"
        spaces = [place for place, sign in enumerate(text) if sign.isspace()]
        words = 0
        for first, last in zip([-1, *spaces], [*spaces, len(text)], strict=True):
            words += last - first > 1
            if words == VACANCY_WORDS:
                text = text[:last]
                break
        found.append((vacancy.title, text))
    return found


def measure(linker: Linker, count: int = 60, seed: int = 7) -> LinkingTimes:
    """Times of a warm linker: the first vacancies and titles are not counted."""
    asked = vacancies(linker.taxonomy, count + 5, seed)
    wall, cpu, pieces = [], [], []
    for title, text in asked:
        started, burnt = time.perf_counter(), time.process_time()
        linked = linker.link(text, title)
        wall.append(1000 * (time.perf_counter() - started))
        cpu.append(1000 * (time.process_time() - burnt))
        pieces.append(len(linked.requirements))
    aliases = [
        alias.text
        for alias in linker.taxonomy.aliases
        if alias.target in linker.taxonomy.occupations
    ]
    random = np.random.default_rng(seed)
    drawn = random.choice(len(aliases), size=TITLES, replace=len(aliases) < TITLES)
    titles = [f"{aliases[place]} berpengalaman {number}" for number, place in enumerate(drawn)]
    linker.occupations_of(titles[:5])
    started, burnt = time.perf_counter(), time.process_time()
    linker.occupations_of(titles)
    return LinkingTimes(
        words=VACANCY_WORDS,
        vacancy_ms=np.array(wall[5:]),
        vacancy_cpu_ms=np.array(cpu[5:]),
        pieces=float(np.mean(pieces[5:])),
        titles_s=time.perf_counter() - started,
        titles_cpu_s=time.process_time() - burnt,
    )


def as_text(times: LinkingTimes) -> str:
    """The figures in words."""
    lines = [
        f"one vacancy of {times.words} words, {times.pieces:.1f} requirements read on average:"
    ]
    for name, values in (("wall", times.vacancy_ms), ("processor", times.vacancy_cpu_ms)):
        half, most = np.percentile(values, [50, 95])
        lines.append(f"  {name:<10} median {half:.0f} ms, 95 % under {most:.0f} ms")
    lines.append(
        f"{TITLES:,} titles at once: {times.titles_s:.1f} s wall, {times.titles_cpu_s:.1f} s processor"
    )
    return "\n".join(lines)
