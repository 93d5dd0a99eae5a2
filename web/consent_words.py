"""What people are asked to agree to, word for word; the same words are kept with the consent."""

from flask_babel import gettext as _


def listing_wording() -> str:
    return _(
        "Saya setuju kartu keahlian saya tampil tanpa nama kepada pemberi kerja yang lowongannya cocok. "
        "Yang tampil: sertifikat, tingkat, masa berlaku, kabupaten atau kota, dan kapan saya bisa "
        "mulai. Saya bisa menarik izin ini kapan saja."
    )


def introduction_wording() -> str:
    return _(
        "Saya setuju nama dan nomor telepon saya diberikan kepada pemberi kerja ini, untuk lowongan "
        "ini saja. Alasan saya pernah dibina tidak diberikan. Saya bisa menarik izin ini kapan saja."
    )
