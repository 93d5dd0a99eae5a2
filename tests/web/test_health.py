from tests.web.conftest import Site


def test_health_answers_without_a_database_query(site: Site) -> None:
    answer = site.client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok"}


def test_each_audience_lands_on_its_own_page(site: Site) -> None:
    for client, path in (
        (site.employer(), "/perusahaan/lowongan"),
        (site.officer(), "/petugas/klien"),
        (site.trainer(), "/pelatihan/peserta"),
        (site.person(), "/saya/lowongan"),
    ):
        assert client.get(path).status_code == 200
