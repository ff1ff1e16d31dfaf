"""The site that tests serve pictures from."""

from http.server import BaseHTTPRequestHandler

from tests.picture_site import server_at_a_new_port


def test_no_two_sites_of_a_process_have_one_address_not_even_one_after_the_other() -> None:
    ports = []
    for _ in range(500):  # of some seven thousand that Linux gives
        with server_at_a_new_port(BaseHTTPRequestHandler) as server:
            ports.append(server.server_port)
    assert len(set(ports)) == len(ports)
