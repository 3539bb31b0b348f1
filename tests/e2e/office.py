"""The principal at the office computer: logs in, looks at a visit, decides."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.whole.story import Login, SchoolServer


@dataclass(frozen=True)
class Office:
    """A console session in one browser page."""

    page: Page
    school: SchoolServer

    def log_in(self, who: Login | None = None) -> Office:
        """With the password that the demo prints."""
        person = who or self.school.login()
        self.page.goto(f"{self.school.url}/login")
        self.page.fill("#login", person.login)
        self.page.fill("#password", person.password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self

    def open_visit(self, student: str) -> Office:
        """The newest visit to this child that waits for a decision."""
        self.page.goto(f"{self.school.url}/visits?status=waiting")
        self.page.locator("table.visits a", has_text=student).first.click()
        self.page.wait_for_selector("#decision")
        return self

    def text(self) -> str:
        """All that the page says."""
        return self.page.inner_text("main")

    def photos(self) -> set[str]:
        """SHA-256 of the bytes of every photo on the page, fetched as the browser fetches them."""
        links = self.page.locator("figure a").evaluate_all("links => links.map(link => link.href)")
        return {hashlib.sha256(self.page.request.get(link).body()).hexdigest() for link in links}

    def photo_names(self) -> set[str]:
        """The hashes by which the page names them."""
        links = self.page.locator("figure a").evaluate_all("links => links.map(link => link.href)")
        return {re.split(r"[/?]", link)[-1] for link in links}

    def decide(self, decision: str, remark: str = "") -> Office:
        """Accept (accepted) or return with a remark (returned)."""
        self.page.fill("#remark", remark)
        self.page.click(f'button[name=decision][value="{decision}"]')
        self.page.wait_for_load_state()
        self.page.wait_for_selector(f"#decision ~ p .tag.{decision}, section .tag.{decision}")
        return self
