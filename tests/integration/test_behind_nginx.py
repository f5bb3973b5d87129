"""Behind a real nginx that takes a prefix off, configured as docs/deploy shows."""

import re
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from websockets.sync.client import connect

from fleetdash.storage.database import migrate, open_database
from tests.support.access import PASSWORDS, VIEWERS_KEY, SchedulerStub, guarded_app
from tests.support.api import serving
from tests.support.clock import FakeClock
from tests.support.nginx import nginx

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of the prefix, as a browser sees it."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('nginx') / 'fleetdash.db'}")
    migrate(database)
    secret = Path(str(database.database)).with_name("secret")
    app = guarded_app(database, FakeClock(), SchedulerStub(), secret_file=secret, path_prefix="/fleet/")
    with serving(app, trusted_proxies=("127.0.0.1",)) as upstream, nginx(int(upstream.rpartition(":")[2])) as address:
        yield address


@pytest.fixture(scope="module")
def browser(address: str) -> requests.Session:
    browser = requests.Session()
    form = {"username": "anna", "password": PASSWORDS["anna"], "next": "/runs"}
    assert browser.post(f"{address}login", data=form, timeout=10).url == f"{address}runs"
    return browser


def test_a_stranger_is_led_to_the_login_page_under_the_prefix(address: str) -> None:
    answer = requests.get(f"{address}vessels/a?q=1", headers={"Accept": "text/html"}, timeout=10)
    assert answer.url == f"{address}login?next=/vessels/a%3Fq%3D1"
    for part in re.findall(r'(?:href|action)="([^"]+)"', answer.text):
        assert part.startswith(("/fleet/", "data:"))


def test_cookies_hold_under_the_prefix_only(browser: requests.Session) -> None:
    assert {cookie.path for cookie in browser.cookies} == {"/fleet/"}


@pytest.mark.parametrize("path", ["", "runs", "vessels/aurora", "docs"])
def test_whatever_a_page_loads_is_found(browser: requests.Session, address: str, path: str) -> None:
    page = browser.get(address + path, timeout=10)
    assert page.status_code == 200
    loaded = [urljoin(page.url, part) for part in re.findall(r'(?:src|href)="([^"#]+)"', page.text)]
    assert len(loaded) > 2
    for part in loaded:
        assert part.startswith(address)
        assert browser.get(part, timeout=10).status_code == 200


def test_the_documents_calls_lead_back_through_the_proxy(browser: requests.Session, address: str) -> None:
    document = browser.get(f"{address}openapi.json", timeout=10).json()
    server = urljoin(f"{address}openapi.json", document["servers"][0]["url"])
    assert browser.get(server.rstrip("/") + "/api/fleet-overview", timeout=10).status_code == 200


def test_the_websocket_goes_through(address: str) -> None:
    headers = {"Authorization": f"Bearer {VIEWERS_KEY}"}
    with connect(address.replace("http", "ws") + "ws/scheduler-runs", additional_headers=headers) as client:
        assert client.ping().wait(10)


def test_a_page_of_the_same_site_may_post_and_another_may_not(browser: requests.Session, address: str) -> None:
    own = address.removesuffix("/fleet/")
    url = f"{address}api/scheduler-runs"
    assert browser.post(url, headers={"Origin": own}, timeout=10).status_code == 202
    assert browser.post(url, headers={"Origin": "http://evil.example"}, timeout=10).status_code == 403


def test_the_audit_names_the_client_and_not_the_proxy(browser: requests.Session, address: str) -> None:
    host = address.removeprefix("http://").removesuffix("/fleet/")
    # what the client itself claims stands further left than what the proxy saw
    headers = {"X-Forwarded-For": "6.6.6.6", "Content-Type": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection(host, timeout=10, source_address=("127.0.0.9", 0))) as client:
        client.request("POST", "/fleet/login", "username=eve&password=x", headers)
        assert client.getresponse().status == 401
    (row,) = re.findall('class="audit-row"[^\n]*<td>eve</td>.*?</tr>', browser.get(f"{address}audit", timeout=10).text)
    assert "<td>127.0.0.9</td>" in row
