"""What a trainer of a facility does with a browser."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.browser.pages import Card, Pages


@dataclass(frozen=True, slots=True)
class Trainee:
    name: str
    nik: str
    phone: str


class TrainerPages(Pages):
    """A trainer's way through Titian."""

    def sign_in(self, email: str, password: str) -> None:
        self.visit("/")
        self.follow("Masuk sebagai pelatih")
        self.fill("Surel", email)
        self.fill("Kata sandi", password)
        self.press("Masuk")

    def register(self, trainee: Trainee) -> None:
        self.visit("/pelatihan/peserta")
        self.follow("Daftarkan peserta")
        self.fill("Nama lengkap", trainee.name)
        self.fill("NIK", trainee.nik)
        self.fill("Nomor telepon", trainee.phone)
        self.tick("Laki-laki")
        self.fill_day("Tanggal lahir", "27", "3", "1990")
        self.fill_day("Perkiraan bebas", "15", "2", "2030")
        self.choose("Kabupaten atau kota asal", "Kota Bekasi, Jawa Barat")
        self.choose("Pendidikan terakhir", "SMP atau sederajat")
        self.press("Daftarkan peserta")

    def add_training(self, scheme: str, hours: str) -> None:
        """To the person whose page is open."""
        self.open_details("Tambah pelatihan")
        self.choose("Skema pelatihan", scheme)
        self.fill("Jam pelatihan", hours)
        self.fill_day("Mulai", "1", "6", "2026")
        self.fill_day("Selesai", "15", "7", "2026")
        self.press("Simpan pelatihan")

    def add_certificate(self, scheme: str, number: str) -> None:
        """To the person whose page is open: the scheme first, then what the certificate says."""
        self.follow("Tambah sertifikat")
        self.choose("Skema sertifikasi", scheme)
        self.press("Lanjut")
        self.fill("Lembaga Sertifikasi Profesi (LSP)", "LSP Contoh Manufaktur")
        self.fill("Nomor sertifikat", number)
        self.fill_day("Tanggal terbit", "20", "7", "2026")
        self.fill_day("Berlaku sampai", "20", "7", "2029")
        self.press("Simpan sertifikat")

    def certificate(self, number: str) -> Card:
        """A certificate of the person whose page is open."""
        return Card(self.page.locator(".titian-card", has_text=number))

    def import_file(self, kind: str, name: str, text: str) -> None:
        self.visit("/pelatihan/impor")
        self.tick(kind)
        self.page.get_by_label("Berkas CSV atau Excel (.xlsx)").set_input_files(
            {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
        )
        self.press("Periksa dan simpan")

    def refused_cells(self) -> list[list[str]]:
        """[row, column, reason] of each bad cell of a refused file."""
        rows = self.page.locator(".govuk-error-summary tbody tr").all()
        return [row.locator("td").all_inner_texts() for row in rows]

    def search(self, name: str) -> list[str]:
        """The names found."""
        self.visit("/pelatihan/peserta")
        self.fill("Nama", name)
        self.press("Cari")
        return self.page.locator("tbody th").all_inner_texts()

    def every_page(self) -> Iterator[str]:
        self.visit("/pelatihan/peserta")
        yield "people"
        self.visit("/pelatihan/peserta/baru")
        yield "new person"
        self.fill_day("Tanggal lahir", "31", "2", "1990")
        self.press("Daftarkan peserta")
        yield "new person, with errors"
        self.visit("/pelatihan/peserta")
        self.follow(self.page.locator("tbody th").first.inner_text())
        yield "person"
        person = self.path
        self.open_all_details()
        self.press("Simpan pelatihan")
        yield "person, training with errors"
        self.visit(person)
        self.open_all_details()
        self.press("Simpan nomor")
        yield "person, phone with errors"
        self.visit(f"{person}/sertifikat")
        yield "scheme of a certificate"
        self.page.get_by_label("Skema sertifikasi").select_option(index=1)
        self.press("Lanjut")
        yield "certificate"
        self.press("Simpan sertifikat")
        yield "certificate, with errors"
        self.visit("/pelatihan/impor")
        yield "import"
        self.press("Periksa dan simpan")
        yield "import, no file chosen"
        self.import_file("Peserta", "peserta.csv", "NIK,Nama,Status,Daerah asal,Pendidikan\n1,A,,,")
        yield "import, refused"
