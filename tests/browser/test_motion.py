"""What unfolds: sliding for most, at once where the browser asks for reduced motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Whether the part is open a second after the click, and whether it was seen sliding.
SLIDES = """async (summary) => {
  summary.click();
  const begun = performance.now();
  let slid = false;
  while (performance.now() - begun < 1000) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    slid ||= summary.parentElement.getAnimations().some((one) => one.playState === "running");
  }
  return [summary.parentElement.open, slid];
}"""


@pytest.mark.parametrize(("motion", "slides"), [("no-preference", True), ("reduce", False)])
def test_part_slides_only_for_who_wants_motion(visit: Callable[..., Page], motion: str, slides: bool) -> None:
    page = visit("/updates")
    page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
    summary = page.locator("summary", has_text="Add a source")
    summary.wait_for()
    assert summary.evaluate(SLIDES) == [True, slides]
