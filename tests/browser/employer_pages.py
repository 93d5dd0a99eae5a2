"""What an employer does with a browser."""

from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Locator

from tests.browser.pages import Card, Pages


@dataclass(frozen=True, slots=True)
class Registration:
    company: str
    region: str
    name: str
    email: str
    password: str


class EmployerPages(Pages):
    """An employer's way through Titian."""

    def register(self, who: Registration) -> None:
        self.visit("/")
        self.follow("Daftar sebagai pemberi kerja")
        self.fill("Nama perusahaan atau usaha", who.company)
        self.choose("Kabupaten atau kota", who.region)
        self.fill("Nama Anda", who.name)
        self.fill("Surel", who.email)
        self.fill("Kata sandi", who.password)
        self.press("Daftar")

    def sign_in(self, email: str, password: str) -> None:
        self.visit("/masuk")
        self.fill("Surel", email)
        self.fill("Kata sandi", password)
        self.press("Masuk")

    def write_vacancy(self, title: str, text: str) -> None:
        """Write a vacancy from the list of one's own; Titian then shows what it read."""
        self.visit("/perusahaan/lowongan")
        self.follow("Tulis lowongan")
        self.fill("Nama pekerjaan", title)
        self.fill("Isi lowongan", text)
        self.press("Baca lowongan ini")

    def marked_words(self) -> list[str]:
        """The words of the vacancy that Titian says it uses."""
        return self.page.locator("mark").all_inner_texts()

    def advice(self) -> str:
        """What Titian advises against."""
        return self.page.locator(".govuk-inset-text", has_text="Saran dari kami").inner_text()

    def requirements(self) -> dict[str, str]:
        """Requirement in the employer's words -> the choice that is ticked."""
        return {
            group.locator("legend").inner_text(): group.locator(
                "input:checked + label"
            ).inner_text()
            for group in self._requirement_groups().all()
        }

    def set_requirement(self, words: str, choice: str) -> None:
        group = self._requirement_groups().filter(has=self.page.locator("legend", has_text=words))
        group.get_by_label(choice, exact=True).check()

    def publish(self) -> None:
        self.press("Simpan dan tayangkan")

    def open_vacancy(self, title: str) -> None:
        self.visit("/perusahaan/lowongan")
        self.follow(title)

    def introduction(self, vacancy: str) -> Card:
        """The line of an introduction in the employer's list."""
        self.visit("/perusahaan/pengantar")
        return Card(self.page.locator("li.titian-card", has_text=vacancy))

    def every_page(self) -> Iterator[str]:
        self.visit("/perusahaan/lowongan")
        yield "own vacancies"
        self.visit("/perusahaan/lowongan/baru")
        yield "new vacancy"
        self.press("Baca lowongan ini")
        yield "new vacancy, with errors"
        self.write_vacancy("Juru las SMAW", "Bisa las SMAW. Usia maksimal 35 tahun. Jago masak.")
        yield "what was read"
        self.fill("Nama pekerjaan", "")
        self.fill("Jumlah orang", "banyak")
        self.fill("Upah paling sedikit, rupiah per bulan", "sekian")
        self.fill_day("Mulai bekerja", "31", "2", "2027")
        self.publish()
        yield "what was read, with errors"
        self.write_vacancy("Juru las SMAW", "Bisa las SMAW dan membaca gambar teknik.")
        self.publish()
        self.cards()[0].press("Minta pengantar")
        yield "ranked cards"
        self.press("Tutup lowongan")
        self.follow("Juru las SMAW")
        yield "a closed vacancy"
        self.visit("/perusahaan/pengantar")
        yield "introductions"

    def _requirement_groups(self) -> Locator:
        return self.page.locator("fieldset:has(input[name^='requirement-'])")
