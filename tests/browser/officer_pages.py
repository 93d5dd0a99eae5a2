"""What an officer of a Bapas does with a browser."""

from collections.abc import Iterator

from tests.browser.pages import Card, Pages

CAN_BE_PROPOSED = "Klien yang bisa diusulkan"
CANNOT_NOW = "Cocok keahliannya, tetapi tidak bisa sekarang"


class OfficerPages(Pages):
    """An officer's way through Titian."""

    def sign_in(self, email: str, password: str) -> None:
        self.visit("/")
        self.follow("Masuk sebagai petugas")
        self.fill("Surel", email)
        self.fill("Kata sandi", password)
        self.press("Masuk")

    def find_client(self, name: str) -> None:
        self.visit("/petugas/klien")
        self.fill("Kata", name)
        self.press("Cari")

    def found_clients(self) -> list[str]:
        return self.page.locator("tbody th").all_inner_texts()

    def open_client(self, name: str) -> None:
        self.find_client(name)
        self.follow(name)

    def opportunity(self, title: str) -> Card:
        """A vacancy on the page of a client."""
        return Card(self.page.locator("li.titian-card", has_text=title))

    def open_vacancy(self, title: str) -> None:
        self.visit("/petugas/lowongan")
        self.fill("Kata", title)
        self.press("Cari")
        self.follow(title)

    def can_be_proposed(self) -> list[Card]:
        return self.cards(self.below(CAN_BE_PROPOSED))

    def cannot_now(self) -> list[Card]:
        return self.cards(self.below(CANNOT_NOW))

    def introduction(self, client: str, vacancy: str) -> Card:
        """The line of one introduction in the officer's list."""
        self.visit("/petugas/pengantar")
        lines = self.page.locator("li.titian-card", has_text=vacancy)
        return Card(lines.filter(has_text=client))

    def every_page(self) -> Iterator[str]:
        self.visit("/petugas/klien")
        yield "caseload"
        self.find_client("Tidak Ada Orangnya")
        yield "caseload, nobody found"
        self.visit("/petugas/klien")
        self.follow(self.found_clients()[0])
        yield "client"
        client = self.path
        self.open_all_details()
        self.press("Simpan syarat")
        yield "client, restriction with errors"
        self.visit(client)
        self.open_all_details()
        self.fill_day("Tanggal lapor", "31", "2", "2026")
        self.press("Catat lapor")
        yield "client, report with errors"
        self.visit(client)
        self.open_all_details()
        self.press("Simpan catatan")
        yield "client, note with errors"
        self.visit(client)
        self.press("Buat kode masuk")
        yield "sign-in code"
        self.visit("/petugas/lowongan")
        yield "vacancies"
        self.cards()[0].open()
        yield "vacancy with clients"
        self.visit("/petugas/pengantar")
        yield "introductions"
