"""What a person looking for work does with a phone."""

from collections.abc import Iterator

from tests.browser.pages import Card, Pages


class PersonPages(Pages):
    """A person's way through Titian."""

    def sign_in(self, phone: str, secret: str) -> None:
        self.visit("/")
        self.follow("Masuk dengan kode")
        self.fill("Nomor telepon", phone)
        self.fill("Kode dari petugas, atau PIN Anda", secret)
        self.press("Masuk")

    def open_opportunity(self, title: str) -> None:
        self.visit("/saya/lowongan")
        self.follow(title)

    def offer(self, title: str) -> Card:
        """An offer in the person's list."""
        self.visit("/saya/tawaran")
        return Card(self.page.locator("li.titian-card", has_text=title))

    def choose_pin(self, pin: str) -> None:
        self.visit("/saya/data")
        self.follow("Buat atau ganti PIN")
        self.fill("PIN baru, 6 angka", pin)
        self.press("Simpan PIN")

    def every_page(self) -> Iterator[str]:
        self.visit("/saya/lowongan")
        yield "opportunities"
        self.cards()[0].open()
        yield "opportunity"
        self.visit("/saya/tawaran")
        yield "offers"
        self.follow("Baca dan jawab")
        yield "offer to answer"
        self.visit("/saya/tawaran")
        self.follow("Tarik izin saya")
        yield "work, to step back from"
        self.visit("/saya/data")
        yield "own data"
        self.visit("/saya/data/keinginan")
        yield "wishes"
        self.fill("Paling jauh dari rumah, dalam kilometer", "jauh")
        self.fill("Upah paling sedikit yang Anda mau, per bulan", "sekian")
        self.press("Simpan")
        yield "wishes, with errors"
        self.visit("/saya/data/pin")
        yield "PIN"
        self.fill("PIN baru, 6 angka", "123456")
        self.press("Simpan PIN")
        yield "PIN, with errors"
