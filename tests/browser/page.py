"""The page as a person finds it: by the contract's names, with waits instead of pauses."""

from typing import Any

from dash.testing.browser import Browser
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from tests.support.waiting import wait_until


class Page:
    """One browser window on one fleetdash."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.driver = browser.driver
        self.url = url

    def open(self, path: str = "/", *, until: str = ".vessel-card") -> "Page":
        """Go there by the address, until something that matches `until` is shown."""
        self.driver.get(self.url + path)
        self.shown(until)
        return self

    def script(self, text: str, *arguments: Any) -> Any:
        return self.driver.execute_script(text, *arguments)

    def script_until(self, text: str, what: str) -> Any:
        """Until its answer is a true one."""
        return wait_until(lambda: self.script(text), what)

    def data(self, selector: str) -> list[dict[str, str]]:
        """The `data-*` attributes of all that match, in the page's order, read at one moment."""
        found: list[dict[str, str]] = self.script(
            "return [...document.querySelectorAll(arguments[0])].map(each => ({...each.dataset}))", selector
        )
        return found

    def texts(self, selector: str) -> list[str]:
        """What stands in all that match."""
        found: list[str] = self.script(
            "return [...document.querySelectorAll(arguments[0])].map(each => each.innerText.trim())", selector
        )
        return found

    def text(self, selector: str) -> str:
        """All of it together."""
        return " ".join(self.texts(selector))

    def is_shown(self, selector: str) -> bool:
        return bool(
            self.script(
                "return [...document.querySelectorAll(arguments[0])].some(each => each.checkVisibility())", selector
            )
        )

    def shown(self, selector: str, *, seconds: float = 10) -> WebElement:
        """The first that matches, once it is shown."""
        wait_until(lambda: self.is_shown(selector), f"{selector} to be shown", seconds=seconds)
        found: WebElement = self.driver.find_element(By.CSS_SELECTOR, selector)
        return found

    def gone(self, selector: str, *, seconds: float = 10) -> None:
        """Wait until nothing that matches is shown."""
        wait_until(lambda: not self.is_shown(selector), f"{selector} to be gone", seconds=seconds)

    def click(self, selector: str) -> None:
        """Click what is shown; once more when a refresh replaced it between finding and clicking."""
        wait_until(lambda: self._clicked(selector), f"{selector} to be clicked", seconds=10)

    def _clicked(self, selector: str) -> bool:
        try:
            self.shown(selector).click()
        except StaleElementReferenceException:
            return False
        return True

    def choose(self, selector: str, value: str) -> None:
        Select(self.shown(selector)).select_by_value(value)

    def search(self, text: str) -> None:
        """Type over what stands in the search."""
        self.shown("#fleet-search").send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE, text)

    def press(self, key: str) -> None:
        """On whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(key)

    def focused(self) -> dict[str, str]:
        """The `data-*` attributes of what has the focus."""
        data: dict[str, str] = self.script("return {...document.activeElement.dataset}")
        return data

    def cards(self) -> list[str]:
        """The ids of the vessels whose cards are shown, in order."""
        return [card["vesselId"] for card in self.data(".vessel-card")]

    def cards_become(self, *vessel_ids: str) -> None:
        wait_until(lambda: sorted(self.cards()) == sorted(vessel_ids), f"the cards to be {vessel_ids}")

    def address(self) -> str:
        """Path and query string."""
        address: str = self.driver.current_url.removeprefix(self.url)
        return address

    def poll_every(self, milliseconds: int) -> None:
        """Ask more often than a person would notice."""
        self.script("dash_clientside.set_props('refresh-interval', {interval: arguments[0]})", milliseconds)

    def emulate(self, media: str = "", **features: str) -> None:
        """What the stylesheet's media queries see; `forced_colors="active"`."""
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": listed})

    def styles(self, selector: str, property: str) -> list[str]:
        """The computed values of a property, of all that are shown."""
        found: list[str] = self.script(
            "return [...document.querySelectorAll(arguments[0])].filter(each => each.checkVisibility())"
            ".map(each => getComputedStyle(each).getPropertyValue(arguments[1]))",
            selector,
            property,
        )
        return found

    def no_complaints(self) -> None:
        """The browser found nothing to complain of."""
        complaints = self.browser.get_logs()
        assert complaints == [], complaints
