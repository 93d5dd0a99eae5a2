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
        # uint16[n, provinces]: km from each region to the nearest region of each province
        self.km_to_province = np.zeros((len(self.codes), len(provinces)), dtype=np.uint16)
        for number in range(len(provinces)):
            self.km_to_province[:, number] = self.km[:, self.province_of == number].min(axis=1)
        self._reach: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}

    def reach(self, region: int, province: int) -> tuple[np.ndarray, np.ndarray]:
        """uint16[n] km from every region to a vacancy, bool[n] in its province.

        Where the region is -1 only the province is known: the km are those to its nearest region;
        where both are -1 the vacancy is everywhere.
        """
        key = (region, province) if region < 0 else (region, -1)
        if key not in self._reach:
            if region >= 0:
                found = self.km[:, region], self.province_of == self.province_of[region]
            elif province >= 0:
                inside = self.province_of == province
                found = self.km_to_province[:, province], inside
            else:
                found = np.zeros_like(self.km[0]), np.ones(len(self.codes), dtype=np.bool_)
            self._reach[key] = np.ascontiguousarray(found[0]), found[1]
        return self._reach[key]
