"""Distances between kabupaten and kota, and how far a person goes for work."""

import numpy as np

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


def distances_km(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Great-circle distances, uint16[n, n] in whole km, between points in degrees float[n].

    Haversine formula (Sinnott 1984).
    """
    phi, lam = np.radians(lat), np.radians(lon)
    half_phi = np.sin((phi[:, None] - phi[None, :]) / 2) ** 2
    half_lam = np.sin((lam[:, None] - lam[None, :]) / 2) ** 2
    chord = half_phi + np.cos(phi)[:, None] * np.cos(phi)[None, :] * half_lam
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return np.rint(km).astype(np.uint16)


class Geography:
    """Regions in the order of their codes, with provinces and distances.

    codes: n region codes ("32.75"); lat, lon: float[n] degrees.
    """

    def __init__(self, codes: list[str], lat: np.ndarray, lon: np.ndarray) -> None:
        order = np.argsort(np.array(codes))
        self.codes = [codes[place] for place in order]
        self.number = {code: place for place, code in enumerate(self.codes)}
        provinces = sorted({code.split(".")[0] for code in self.codes})
        self.provinces = provinces
        self.province_number = {code: place for place, code in enumerate(provinces)}
        self.province_of = np.array(
            [self.province_number[code.split(".")[0]] for code in self.codes], dtype=np.int16
        )
        self.km = distances_km(np.asarray(lat)[order], np.asarray(lon)[order])
