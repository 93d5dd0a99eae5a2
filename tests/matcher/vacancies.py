"""Vacancies as employers write them, made up for the tests."""

from random import Random

WELDER = """DIBUTUHKAN SEGERA Tukang Las Listrik untuk workshop kami di Kota Bekasi

Kualifikasi:
- Bisa las pelat 3G
- Mampu gerinda hasil las
- Pendidikan min. SMA/SMK
- Pengalaman minimal 2 tahun
- Bersedia shift malam

Diutamakan:
- Las pipa stainless

Fasilitas:
- Mess dan makan siang
- BPJS

Gaji Rp. 3.500.000 - Rp. 4.500.000 per bulan
"""

TAILOR = """Konveksi rumahan di Surabaya mencari operator jahit.
Syarat: bisa menjahit kemeja dengan mesin jahit, memasang kancing dan ritsleting.
Lebih disukai bisa bikin pola baju.
Upah borongan Rp 120.000/hari, kerja Senin - Sabtu.
Lulusan SD boleh melamar, wanita usia maks. 40 tahun.
"""

DRIVER = """Lowongan: SOPIR TRUK
1. Wajib punya SIM B1 Umum
2. Mengemudikan truk di jalan raya antar kota
3. Memeriksa truk sebelum berangkat
4. Usia 25-45 tahun, tidak pernah dihukum, SKCK aktif
5. Siap kerja hari libur
Gaji 4-5 juta + uang jalan
"""

TAX = """We are hiring: Tax Staff
Requirements:
* Bachelor degree in accounting
* Brevet A & B
* Minimum 1 year of experience
* Calculate income tax
* File yearly tax returns
Nice to have:
* TIG welder
Salary IDR 6.000.000 - 8.000.000
"""

ALL = {"welder": WELDER, "tailor": TAILOR, "driver": DRIVER, "tax": TAX}

STRANGE = {
    "empty": "",
    "spaces": " \n\t \r\n ",
    "emoji": "🔥👨‍🏭💪🏽🇮🇩✨" * 40,
    "NUL bytes": "tukang\x00las\x00\x00\nbisa las pelat 3G\x00",
    "NUL bytes alone": "\x00" * 200,
    "one word of 100,000 letters": "l" * 100_000,
    "100,000 signs of lines": "- bisa las pelat 3G\n" * 5000,
    "100,000 signs of one sentence": "bisa mengelas pelat dan pipa " * 3450,
    "100,000 digits": "gaji " + "9" * 100_000,
    "a number of 100,000 signs": "gaji Rp 1" + ".000" * 25_000,
    "100,000 signs of words that are none": "\n".join(
        "".join(Random(number).choices("aeiklmnprstu", k=9)) for number in range(10_000)
    ),
    "commas": "," * 100_000,
    "half a sign": "tukang las \ud83d\nbisa las pelat 3G",
    "letters that grow": "İİİ ŉ ﬁ ß\nTukang las\nİ bisa las pelat 3G di Bekasi",
    "decomposed accents": "Café́́ Résumé\nTukang las\nBisa las pelat 3G",
    "right to left": "\u202eلحام\u202c tukang las",
    "headings alone": "Syarat:\nKualifikasi:\nFasilitas:\n",
    "signs": "!@#$%^&*()_+{}|:<>?~`-=[]\\;',./" * 30,
}
