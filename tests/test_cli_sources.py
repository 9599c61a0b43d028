"""What `sources`, `watch`, and `ingest` over sources promise at the command line: lists, exit status, questions."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assistant.lock import is_locked
from assistant.settings import Settings
from ingest.catalog import (
    FILE_NAME,
    FederalRegisterEntry,
    FeedEntry,
    FolderEntry,
    SourceEntry,
    UrlEntry,
    read_sources,
)
from ingest.watching import watching
from tests.test_cli import Cli, error_line, read_to_end, use
from tests.toys import HashEmbedder
from tests.web_server import Page, Register, Request, Site

ROOT = Path(__file__).resolve().parent.parent
# The command as a process of its own, with the hash embedder in place of the model. It heeds interrupts, which those
# that a shell starts in the background ignore, and all that they start.
PROGRAM = """if True:
    import signal
    import assistant.embedding
    from tests.toys import HashEmbedder
    from ui.cli import main

    assistant.embedding.open_embedder = lambda *_, **__: HashEmbedder()
    assistant.embedding.embedder_name = lambda _: (HashEmbedder.name, HashEmbedder.dimension)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
"""
ADDRESS = "https://ministry.example/news"


@pytest.fixture
def cli(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return the command line with the hash embedder, allowed to fetch from this computer."""
    use(HashEmbedder(), monkeypatch)
    monkeypatch.setenv("TRADE_ASSISTANT_ALLOW_PRIVATE_ADDRESSES", "true")
    return Cli(settings.data_dir)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a folder of five articles."""
    for number in range(5):
        write(tmp_path / f"desk/{number}.txt", f"ore {number}")
    return tmp_path / "desk"


def text(thing: str) -> str:
    return f"The levy on {thing} rose to 7 per cent in March, and importers of {thing} have to register by June."


def write(path: Path, thing: str) -> Path:
    """Write an article old enough for its time to be trusted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Levy on {thing}\n\n{text(thing)}\n", encoding="utf-8")
    at = time.time() - 60
    os.utime(path, (at, at))
    return path


def page(thing: str) -> Page:
    return Page(f"<html><head><title>Levy on {thing}</title></head><body><p>{text(thing)}</p></body></html>")


def names(cli: Cli) -> list[str]:
    return [source["name"] for source in cli.json("sources", "list")["sources"]]


def articles(cli: Cli) -> int:
    return int(cli.json("status")["articles"])


# sources add


@pytest.mark.parametrize(
    ("arguments", "entry"),
    [
        (("url", ADDRESS), UrlEntry(name="ministry-example", url=ADDRESS)),
        (("url", ADDRESS, "--name", "page", "--every", "2d"), UrlEntry(name="page", url=ADDRESS, every="2d")),
        (("feed", ADDRESS), FeedEntry(name="ministry-example", url=ADDRESS)),
        (
            ("feed", ADDRESS, "--text", "feed", "--every", "15m"),
            FeedEntry(name="ministry-example", url=ADDRESS, text="feed", every="15m"),
        ),
        (
            ("federal-register", "Section 301"),
            FederalRegisterEntry(name="federal-register-section-301", term="Section 301"),
        ),
        (
            (
                *("federal-register", "steel", "--name", "steel", "--agency", "commerce-department"),
                *("--agency", "customs-service", "--type", "RULE", "--type", "NOTICE"),
                *("--docket", "C-570-161", "--since", "2025-01-31", "--every", "1d"),
            ),
            FederalRegisterEntry.model_validate(
                {
                    "name": "steel",
                    "term": "steel",
                    "agencies": ("commerce-department", "customs-service"),
                    "types": ("RULE", "NOTICE"),
                    "docket": "C-570-161",
                    "since": "2025-01-31",
                    "every": "1d",
                }
            ),
        ),
    ],
)
def test_source_of_each_kind_is_added_as_told(cli: Cli, arguments: tuple[str, ...], entry: SourceEntry) -> None:
    result = cli("sources", "add", *arguments)
    assert (result.exit_code, " ".join(result.stdout.split())) == (0, f"Added {entry.name}: {entry.target}")
    assert f"trade-assistant ingest --source {entry.name}" in result.stderr
    assert read_sources(cli.data_dir) == (entry,)
    assert not (cli.data_dir / "library.sqlite").exists()


def test_folder_is_added_by_where_it_really_is(cli: Cli, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.parent / "link").symlink_to(desk)
    added = cli.json("sources", "add", "folder", desk.parent / "link", "--every", "1h")
    assert added == {"name": "desk", "kind": "folder", "target": str(desk), "every": "1h"}
    assert read_sources(cli.data_dir) == (FolderEntry(name="desk", path=desk, every="1h"),)
    (desk / "below").mkdir()
    monkeypatch.chdir(desk / "below")
    cli.json("sources", "add", "folder", ".")
    (desk / "below/deep").mkdir()
    monkeypatch.chdir(desk / "below/deep")
    assert "is a source already, named 'below'" in error_line(cli("sources", "add", "folder", ".."))
    assert names(cli) == ["desk", "below"]


def test_folder_in_a_folder_on_the_list_is_said_and_the_library_s_own_refused(cli: Cli, desk: Path) -> None:
    cli.json("sources", "add", "folder", desk)
    added = cli("sources", "add", "folder", desk.parent, "--name", "all")
    assert "Note: its folder holds 'desk'" in added.stderr
    assert "where the library is kept" in error_line(cli("sources", "add", "folder", cli.data_dir))
    assert names(cli) == ["desk", "all"]


def test_name_is_chosen_so_that_it_is_free(cli: Cli, desk: Path) -> None:
    other = desk.parent / "other/Desk"
    other.mkdir(parents=True)
    added = [cli.json("sources", "add", "folder", path)["name"] for path in (desk, other)]
    assert added == ["desk", "desk-2"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("folder", "/no/such/folder"), "'/no/such/folder' is not a folder"),
        (("folder", __file__), f"{__file__!r} is not a folder"),
        (("folder",), "name the folder: `"),
        (("url",), "name the address: `"),
        (("feed",), "sources add feed ADDRESS"),
        (("mailbox", ADDRESS), "kind must be one of folder, url, feed, federal-register"),
        (("url", "ministry.example"), "only http and https addresses are fetched, not 'ministry.example'"),
        (("feed", "ftp://ministry.example/feed"), "only http and https addresses are fetched, not 'ftp:"),
        (("url", "http://"), "the address names no host or port: 'http://'"),
        (("url", "http://[ministry]/"), "it is no web address: 'http://[ministry]/'"),
        (("url", "https://ana:secret@ministry.example/"), "a user name or password"),
        (("url", ADDRESS, "--every", "soon"), "every 'soon' is no interval: write 15m, 6h or 1d"),
        (("url", ADDRESS, "--every", "0m"), "every '0m' is no interval"),
        (("url", ADDRESS, "--name", "My Page"), "name 'My Page' may hold a to z, 0 to 9 and hyphens only"),
        (("url", ADDRESS, "--name", "a" * 61), "name is longer than 60 characters"),
        (("url", ADDRESS, "--text", "feed"), "text is not a field of this kind"),
        (
            ("url", ADDRESS, "--agency", "customs-service"),
            "--docket and --since are for federal-register",
        ),
        (("feed", ADDRESS, "--text", "both"), "text 'both' must be 'page' or 'feed'"),
        (("federal-register", "steel", "--agency", "Customs Service"), "'Customs Service' is no slug"),
        (
            ("federal-register", "steel", "--type", "NOTES"),
            "types 'NOTES' must be 'RULE', 'PRORULE'",
        ),
        (("federal-register", "steel", "--since", "last year"), ""),
        (("federal-register", "--type", "RULE"), "give words, an agency, a docket or a first day"),
        (("feed", "http://169.254.169.254/feed"), "'http://169.254.169.254/feed' is a metadata address"),
    ],
)
def test_source_that_cannot_be_is_refused_in_one_line(cli: Cli, arguments: tuple[str, ...], reason: str) -> None:
    result = cli("sources", "add", *arguments)
    if reason:
        assert reason in error_line(result, 2)
    assert (result.exit_code, result.stdout) == (2, "")
    assert read_sources(cli.data_dir) == ()


def test_name_or_target_that_is_taken_is_refused(cli: Cli) -> None:
    cli.json("sources", "add", "url", ADDRESS, "--name", "page")
    taken = cli("sources", "add", "url", "https://elsewhere.example/", "--name", "page")
    assert error_line(taken) == "Error: there is a source named 'page' already: choose another name"
    double = cli("sources", "add", "url", ADDRESS)
    assert error_line(double) == f"Error: {ADDRESS!r} is a source already, named 'page'"
    assert names(cli) == ["page"]


# sources list


def test_empty_list_says_how_to_begin(cli: Cli) -> None:
    assert cli.json("sources", "list") == {"sources": []}
    result = cli("sources", "list")
    assert result.exit_code == 0
    assert "sources add folder PATH" in " ".join(result.stdout.split())


def test_list_tells_how_each_source_stands(cli: Cli, desk: Path) -> None:
    (desk / "empty.txt").touch()
    cli.json("sources", "add", "folder", desk)
    cli.json("sources", "add", "url", ADDRESS, "--every", "1d")
    cli("ingest", "--source", "desk")
    first, second = cli.json("sources", "list")["sources"]
    at = first["checked_at"]
    failure = {"location": str(desk / "empty.txt"), "reason": "the file is empty (0 bytes)"}
    assert first == {
        "name": "desk",
        "kind": "folder",
        "target": str(desk),
        "every": "10m",
        "articles": 5,
        "checked_at": at,
        "succeeded_at": at,
        "next_at": None,
        "problem": "",
        "withheld": 0,
        "failures": [{**failure, "at": first["failures"][0]["at"]}],
    }
    assert second == {
        "name": "ministry-example",
        "kind": "url",
        "target": ADDRESS,
        "every": "1d",
        "articles": 0,
        "checked_at": None,
        "succeeded_at": None,
        "next_at": None,
        "problem": "",
        "withheld": 0,
        "failures": [],
    }
    lines = [" ".join(line.split()) for line in cli("sources", "list").stdout.splitlines()]
    assert [line for line in lines if line.startswith(("desk", "ministry", "Articles"))] == [
        "desk folder",
        "Articles 5",
        "ministry-example url",
        "Articles 0",
    ]
    assert "Last look never" in lines
    assert "the file is empty (0 bytes)" in lines
    with watching(cli.data_dir):
        assert all(source["next_at"] for source in cli.json("sources", "list")["sources"])


def test_list_that_is_spoiled_is_one_line(cli: Cli) -> None:
    cli.data_dir.mkdir()
    (cli.data_dir / FILE_NAME).write_text("[[source", encoding="utf-8")
    for command in (("list",), ("add", "url", ADDRESS), ("remove", "desk")):
        assert "is not valid TOML" in error_line(cli("sources", *command))


# sources remove


def test_removed_source_takes_its_articles_along(cli: Cli, desk: Path) -> None:
    write(desk.parent / "other/a.txt", "zinc")
    cli("ingest", desk, desk.parent / "other")
    result = cli("sources", "remove", "desk")
    assert (result.exit_code, result.stdout) == (0, "Removed desk; articles withdrawn: 5\n")
    assert (names(cli), articles(cli)) == (["other"], 1)
    assert cli.json("ingest")["notes"] == []


def test_articles_of_a_removed_source_are_kept_if_wanted(cli: Cli, desk: Path) -> None:
    cli("ingest", desk)
    assert cli.json("sources", "remove", "desk", "--keep-articles") == {"name": "desk", "withdrawn": []}
    assert (names(cli), articles(cli)) == ([], 5)


def test_removal_names_what_was_withdrawn(cli: Cli, desk: Path) -> None:
    cli("ingest", desk)
    withdrawn = [str(desk / f"{number}.txt") for number in range(5)]
    assert cli.json("sources", "remove", "desk") == {"name": "desk", "withdrawn": withdrawn}
    assert articles(cli) == 0


def test_source_that_was_never_looked_at_is_removed(cli: Cli) -> None:
    cli("sources", "add", "url", ADDRESS, "--name", "page")
    assert cli.json("sources", "remove", "page") == {"name": "page", "withdrawn": []}
    assert names(cli) == []


def test_unknown_source_is_not_removed_looked_at_or_watched(cli: Cli, desk: Path) -> None:
    for command in (("sources", "remove", "x"), ("watch", "--once", "--source", "x"), ("watch", "--source", "x")):
        assert error_line(cli(*command)) == "Error: there is no source named 'x'; sources: there is none"
    cli("ingest", desk)
    for command in (("sources", "remove", "x"), ("ingest", "--source", "x"), ("watch", "--once", "--source", "x")):
        assert error_line(cli(*command)) == "Error: there is no source named 'x'; sources: desk"
    assert (names(cli), articles(cli)) == (["desk"], 5)


# ingest and watch --once


def test_each_kind_of_source_is_indexed_by_name(
    cli: Cli, site: Site, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add("/page", page("zinc"))
    site.add("/story", page("lead"))
    item = f"<item><title>Lead</title><link>{site.url('/story')}</link></item>"
    site.add("/feed", Page(f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>', "text/xml"))
    record = {
        "title": "Duties on Ore",
        "type": "Notice",
        "abstract": "Commerce sets a duty on ore.",
        "agencies": [{"name": "Commerce Department", "slug": "commerce-department"}],
        "document_number": "2025-00001",
        "publication_date": "2025-04-07",
        "effective_on": None,
        "citation": "90 FR 1",
        "docket_ids": [],
        "html_url": site.url("/documents/2025-00001"),
        "body_html_url": site.add("/body", Page("<p>The duty on ore is 12 percent ad valorem for all exporters.</p>")),
    }
    monkeypatch.setenv("TRADE_ASSISTANT_FEDERAL_REGISTER_URL", Register(site, [record]).base_url)
    expected = {
        "folder": [str(desk / f"{number}.txt") for number in range(5)],
        "url": [site.url("/page")],
        "feed": [site.url("/story")],
        "federal-register": [site.url("/documents/2025-00001")],
    }
    targets = {"folder": desk, "url": site.url("/page"), "feed": site.url("/feed"), "federal-register": "duties"}
    for kind, target in targets.items():
        cli.json("sources", "add", kind, target, "--name", kind)
    for kind, locations in expected.items():
        report = cli.json("ingest", "--source", kind)
        assert (report["added"], report["failed"]) == (locations, [])
    report = cli.json("ingest", "--source", "folder", "--source", "url")
    assert (report["added"], report["unchanged"]) == ([], 6)
    counted = {source["name"]: source["articles"] for source in cli.json("sources", "list")["sources"]}
    assert counted == {"folder": 5, "url": 1, "feed": 1, "federal-register": 1}


@pytest.mark.parametrize("arguments", [("PATH", "--source", "desk"), ("--watch", "--dry-run"), (__file__, "--watch")])
def test_options_that_do_not_go_together_are_wrong_usage(cli: Cli, arguments: tuple[str, ...]) -> None:
    error_line(cli("ingest", *arguments), 2)


def test_watch_once_looks_at_what_is_due_and_no_more(cli: Cli, desk: Path, site: Site) -> None:
    cli.json("sources", "add", "folder", desk)
    cli.json("sources", "add", "url", site.add("/page", page("zinc")), "--name", "page")
    look = cli.json("watch", "--once", "--source", "desk")
    assert (look["sources"], look["error"], len(look["report"]["added"])) == (["desk"], "", 5)
    look = cli.json("watch", "--once")
    assert (look["sources"], look["report"]["added"]) == (["page"], [site.url("/page")])
    result = cli("watch", "--once", "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_watch_once_without_a_source_says_how_to_add_one(cli: Cli) -> None:
    result = cli("watch", "--once")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "There is no source yet" in result.stderr
    assert "sources add folder FOLDER" in result.stderr


def test_watch_once_exits_with_1_if_anything_failed(cli: Cli, desk: Path) -> None:
    empty = write(desk / "empty.txt", "")
    empty.write_bytes(b"")
    os.utime(empty, (time.time() - 120,) * 2)
    cli.json("sources", "add", "folder", desk)
    result = cli("watch", "--once")
    assert result.exit_code == 1
    assert "desk: 5 added, 1 failed" in result.stdout
    assert "the file is empty (0 bytes)" in result.stdout


def test_second_watcher_is_told_who_watches(cli: Cli, desk: Path) -> None:
    cli.json("sources", "add", "folder", desk)
    with watching(cli.data_dir):
        assert f"process {os.getpid()} watches the sources" in error_line(cli("watch", "--once"))


# Processes


@contextmanager
def started(cli: Cli, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run the command as a process of its own; what is left of it at the end of the block is killed."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments), "--data", str(cli.data_dir)]
    with subprocess.Popen(command, stdin=-3, stdout=-1, stderr=-1, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def next_look(process: subprocess.Popen[str]) -> Any:
    """Return the next line of JSON; the test's own time limit ends the waiting."""
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watch_ends_well_by_a_signal(cli: Cli, desk: Path, number: signal.Signals) -> None:
    cli.json("sources", "add", "folder", desk)
    with started(cli, "watch", "--json") as process:
        assert len(next_look(process)["report"]["added"]) == 5
        new = write(desk / "new.txt", "zinc")
        while not (look := next_look(process))["report"]["added"]:
            pass
        assert (look["sources"], look["error"], look["report"]["added"]) == (["desk"], "", [str(new)])
        process.send_signal(number)
        stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, "Watching. Ctrl-C stops it.\n")
    assert [json.loads(line)["error"] for line in stdout.splitlines()] == [""] * stdout.count("\n")
    assert articles(cli) == 6
    with watching(cli.data_dir):  # it has let go
        pass


@pytest.mark.timeout(120)
@pytest.mark.parametrize("exit_code", [0, 1])
def test_ingest_that_goes_on_watching_ends_with_the_status_of_its_run(cli: Cli, desk: Path, exit_code: int) -> None:
    if exit_code:
        (desk / "empty.txt").touch()
    other = write(desk.parent / "other/a.txt", "tin")
    cli.json("sources", "add", "folder", other.parent)
    with started(cli, "ingest", desk, "--watch", "--json") as process:
        report = next_look(process)
        assert (len(report["added"]), len(report["failed"])) == (5, exit_code)
        new = write(desk / "new.txt", "zinc")
        while str(new) not in (look := next_look(process))["report"]["added"]:
            assert look["sources"] == ["desk"]  # and not the other one
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate()
    assert (process.returncode, "Traceback" in stderr) == (exit_code, False)
    assert articles(cli) == 6


@pytest.mark.timeout(60)
def test_interrupt_lets_go_of_the_lock_although_a_host_stalls(cli: Cli, site: Site) -> None:
    is_asked = threading.Event()

    def stalling(_: Request) -> Page:
        is_asked.set()
        return Page(is_stalled=True)

    cli.json("sources", "add", "url", site.add("/slow", stalling))
    with started(cli, "ingest") as process:
        is_asked.wait()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()
        assert (process.returncode, stdout, "Traceback" in stderr) == (130, "", False)
        assert is_locked(cli.data_dir) is None


def ingest_with_terminal(cli: Cli, answer: str, *options: str) -> tuple[int, str, str]:
    """Run `ingest` with somebody at a terminal who types this; return exit status, stdout, what the terminal showed."""
    terminal, child_side = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, "ingest", "--data", str(cli.data_dir), *options]
    environment = {**os.environ, "TERM": "dumb", "COLUMNS": "80"}
    process = subprocess.Popen(
        command, stdin=child_side, stdout=subprocess.PIPE, stderr=child_side, cwd=ROOT, env=environment, text=True
    )
    os.close(child_side)
    os.write(terminal, answer.encode())
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(read_to_end, terminal)
        stdout, _ = process.communicate()
        return process.returncode, stdout, sent.result()


def lose(cli: Cli, desk: Path) -> None:
    """Index a folder of five and take away two of its files."""
    cli("ingest", desk)
    for number in (1, 3):
        (desk / f"{number}.txt").unlink()


QUESTION = "Remove the 2 articles that are gone? [y/N]:"


@pytest.mark.timeout(120)
def test_articles_that_are_gone_are_removed_once_somebody_says_so(cli: Cli, desk: Path) -> None:
    lose(cli, desk)
    exit_code, stdout, terminal = ingest_with_terminal(cli, "y\n")
    assert terminal.count(QUESTION) == 1
    assert (exit_code, articles(cli)) == (0, 3)
    assert "2 removed" in stdout


@pytest.mark.timeout(120)
@pytest.mark.parametrize("answer", ["n\n", "\n", "what?\nno\n"])
def test_articles_that_are_gone_are_kept_if_somebody_says_so(cli: Cli, desk: Path, answer: str) -> None:
    lose(cli, desk)
    exit_code, stdout, terminal = ingest_with_terminal(cli, answer)
    assert terminal.count(QUESTION) == answer.count("\n")
    assert (exit_code, articles(cli)) == (1, 5)
    assert "2 removed" not in stdout


@pytest.mark.timeout(120)
def test_nobody_is_asked_where_a_program_reads_the_answer(cli: Cli, desk: Path) -> None:
    lose(cli, desk)
    exit_code, stdout, terminal = ingest_with_terminal(cli, "", "--json")
    assert (exit_code, "[y/N]" in terminal, articles(cli)) == (1, False, 5)
    assert len(json.loads(stdout)["withheld"]) == 2


def test_nobody_is_asked_where_nobody_can_answer(cli: Cli, desk: Path) -> None:
    lose(cli, desk)
    report = cli.json("ingest", exit_code=1)
    gone = [str(desk / "1.txt"), str(desk / "3.txt")]
    assert (report["removed"], report["withheld"]) == ([], gone)
    with started(cli, "ingest") as process:
        stdout, stderr = process.communicate()
    assert (process.returncode, "[y/N]" in stdout + stderr, articles(cli)) == (1, False, 5)
    status = cli.json("status")
    assert (status["sources"], status["withheld"]) == (1, 2)
    assert "2 articles whose files are gone" in cli("status").stdout
    doctor = cli("doctor")
    assert (doctor.exit_code, "2 articles of source 'desk'" in " ".join(doctor.stdout.split())) == (1, True)
    assert f"ingest --source desk --allow-removals --data {cli.data_dir}" in doctor.stdout
    report = cli.json("ingest", "--allow-removals")
    assert (report["removed"], report["withheld"], articles(cli)) == (gone, [], 3)


def test_status_is_told_although_the_list_of_sources_cannot_be_read(cli: Cli, desk: Path) -> None:
    cli("ingest", desk)
    (cli.data_dir / "sources.toml").write_text("[[source]\n", encoding="utf-8")
    result = cli("status")
    assert (result.exit_code, result.stderr.startswith("Warning: ")) == (0, True)
    assert "Articles    5" in result.stdout
