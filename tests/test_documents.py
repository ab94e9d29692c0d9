"""
Hold every Markdown page to the tree, and to the form in which pages are written.

A page is true: each path, module, name of a module, test, `make` target, `comanda` command and link that it names exists.
A page is plain: one sentence stands on one line of at most 200 columns. Tables, code and what a command prints may be longer.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from bench.run import SUBJECTS
from comanda.domain.orders.queues import Queue
from local.instance import ROOT
from tests.pages import (
    COLUMNS,
    DOCS,
    END,
    FILE,
    FOLDERS,
    GLOSSARY,
    HOW_TO,
    MODULE,
    NOT_AN_END,
    NOT_PATHS,
    OTHERS,
    PAGES,
    PATH,
    TEST,
    code,
    commands,
    exists,
    files,
    known_tests,
    lines,
    name,
    names,
    spans,
    text,
)
from tests.test_house import FLOORS


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_path_on_a_page_exists(page: Path) -> None:
    named = set(PATH.findall(text(page))) - NOT_PATHS
    bare = {span for span in code(page) if FILE.match(span)} - OTHERS
    there = {path.rsplit("/", 1)[-1] for path in files()}

    assert {path for path in named if not exists(path)} == set()
    assert {file for file in bare if "*" not in file and file not in there} == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_module_on_a_page_exists_and_has_the_name_that_is_asked_of_it(page: Path) -> None:
    wrong = set()
    for module in {found for found in MODULE.findall(" ".join(code(page))) if not FILE.match(found)}:
        parts = module.split(".")
        deepest = max(i for i in range(1, len(parts) + 1) if "/".join(parts[:i]) in files() or _module(parts[:i]))
        rest = ".".join(parts[deepest:])
        if rest and not (_module(parts[:deepest]) and rest in names(ROOT / _module(parts[:deepest]))):
            wrong.add(module)

    assert wrong == set()


def _module(parts: list[str]) -> str:
    path = "/".join(parts) + ".py"
    return path if path in files() else ""


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_test_on_a_page_exists(page: Path) -> None:
    assert set(TEST.findall(text(page))) - known_tests() == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_target_on_a_page_exists(page: Path) -> None:
    targets = set(re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split())
    spoken = "\n".join(code(page))

    assert set(re.findall(r"\bmake (?:-\w+ )?([a-z]\w*)", spoken)) - targets == set()
    assert set(re.findall(r"\bONLY=(\w+)", spoken)) - set(SUBJECTS) == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_comanda_command_on_a_page_exists_with_its_options(page: Path) -> None:
    wrong = []
    for line in code(page):
        for words in re.findall(r"(?:^|[\s/])comanda ([a-z][\w-]*(?: [\w<>-]+)*)", line):
            said = words.split()
            command = next((c for c in (" ".join(said[:2]), said[0]) if c in commands()), None)
            options = {
                word
                for word in line.split("comanda ", 1)[1].replace("]", " ").replace("[", " ").split()
                if word.startswith("--")
            }
            if command is None or options - commands()[command] or (not commands()[command] and _group(command)):
                wrong.append(line)

    assert wrong == []


def _group(command: str) -> bool:
    return any(other.startswith(f"{command} ") for other in commands())


@cache
def anchors(page: Path) -> frozenset[str]:
    headings = re.findall(r"^#+ +(.+?) *$", text(page), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_page_and_its_heading(page: Path) -> None:
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        goal = (page.parent / path).resolve() if path else page
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            wrong.append(target)

    assert wrong == []


def test_every_page_that_code_names_exists_with_its_heading() -> None:
    wrong = set()
    sources = [file for folder in FOLDERS for suffix in ("py", "json") for file in (ROOT / folder).rglob(f"*.{suffix}")]
    for file in sources:
        for path, anchor in re.findall(r"\b(docs/[\w/-]+\.md)(?:#([\w-]+))?", file.read_text(encoding="utf-8")):
            if not exists(path) or (anchor and anchor not in anchors(ROOT / path)):
                wrong.add(f"{name(file)}: {path}#{anchor}")

    assert wrong == set()


def test_every_text_of_a_log_that_the_runbook_quotes_is_written_somewhere() -> None:
    quoted = {span for span in code(DOCS / "runbook.md") if re.fullmatch(r"an? [a-z]+(?: [a-z]+)+", span)}
    rooms = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "functions").rglob("*.py"))

    assert quoted
    assert {line for line in quoted if f'"{line}"' not in rooms} == set()


def test_every_page_can_be_found_from_the_readme() -> None:
    found, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        found.add(page)
        goals = [
            (page.parent / path).resolve() for path in re.findall(r"\]\(([^)#\s]+)", text(page)) if "://" not in path
        ]
        folders = [one for goal in goals if goal.is_dir() for one in goal.glob("*.md")]
        ahead += [goal for goal in [*goals, *folders] if goal.suffix == ".md" and goal not in found]

    assert set(PAGES) - found <= {ROOT / "CHANGELOG.md"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_one_sentence_stands_on_one_line(page: Path) -> None:
    wrong = []
    for number, line in lines(page):
        masked = re.sub(r"`[^`]*`", lambda m: "`" + "x" * (len(m.group()) - 2) + "`", line)
        ends = [masked[: end.end()].rstrip() for end in END.finditer(masked)]
        if any(not NOT_AN_END.search(head) and head.count("(") <= head.count(")") for head in ends):
            wrong.append(f"{number}: two sentences: {line}")
        if len(line) > COLUMNS:
            wrong.append(f"{number}: {len(line)} columns: {line}")

    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_sentence_goes_on_in_the_next_line(page: Path) -> None:
    prose = dict(lines(page))
    wrong = [
        f"{number}: {prose[number]}"
        for number in prose
        if (after := prose.get(number + 1, "")).strip()
        and not re.match(r"\s*(?:[-*]|\d+\.) ", after)
        and not re.search(r"[.?!:;][\"')\]*_`]*$", prose[number].rstrip())
    ]

    assert wrong == []


def test_decisions_are_numbered_one_after_the_other_and_dated() -> None:
    pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))

    for number, page in enumerate(pages, 1):
        title, day = text(page).splitlines()[:2]
        assert page.name.startswith(f"{number:04d}-"), page.name
        assert title.startswith(f"# {number}. "), page.name
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", day), page.name
        assert f"{number}. [{title.split('. ', 1)[1]}]({page.name})" in text(DOCS / "decisions" / "README.md"), title


def sections(page: Path) -> list[tuple[str, str]]:
    parts = re.split(r"^## (.+)$", text(page), flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize(("title", "recipe"), sections(HOW_TO), ids=lambda part: part[:30])
def test_each_step_of_a_recipe_names_a_file_and_what_it_asks_for_is_there(title: str, recipe: str) -> None:
    steps = re.findall(r"^\d+\. .+(?:\n   .+)*", recipe, re.MULTILINE)

    assert steps, title
    for step in steps:
        assert PATH.findall(step) or re.search(r"`(?:PUT|POST|make|comanda|\.venv)", step), step
        _holds_its_names(step)


def test_each_term_of_the_glossary_is_where_it_says() -> None:
    entries = [line for line in text(GLOSSARY).splitlines() if line.startswith("| **")]

    assert entries == sorted(entries, key=lambda line: line.split("**")[1])
    for entry in entries:
        assert PATH.findall(entry), entry
        _holds_its_names(entry)


def test_each_answer_of_the_architecture_is_where_it_says() -> None:
    table = text(DOCS / "architecture.md").split("## Where it is decided")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]

    assert len(rows) > 30
    for row in rows:
        assert PATH.findall(row), row
        _holds_its_names(row)


def test_every_section_of_the_runbook_about_a_queue_names_a_queue() -> None:
    part = text(DOCS / "runbook.md").split("\n# Queues\n")[1].split("\n# ")[0]
    named = set(re.findall(r"^## The queue (\S+)$", part, re.MULTILINE))

    assert len(named) == part.count("\n## ")
    assert "exceptions" in named <= set(Queue)


def _holds_its_names(passage: str) -> None:
    """Check that each name in code stands in one of the files that the passage names."""
    paths = [re.sub(r"<[\w-]+>", "*", path.rstrip("/.")) for path in PATH.findall(passage)]
    found = [file for path in paths for file in ROOT.glob(path) if file.is_file()]
    words = "\n".join([*paths, *(file.read_text(encoding="utf-8") for file in found)])
    for span in spans(passage):
        if not PATH.search(span) and re.fullmatch(r"[A-Za-z_][\w.#-]*", span) and not FILE.match(span):
            assert all(part in words for part in span.split(".")), f"{span} is in none of {paths}"


def test_the_architecture_names_every_package() -> None:
    page = text(DOCS / "architecture.md")
    for house in ("comanda/domain", "comanda/domain/lifecycle", "comanda/aws"):
        table = re.search(rf"^### `{house}`\n(.+?)(?=^#)", page, re.MULTILINE | re.DOTALL)
        assert table, house
        rows = [" ".join(spans(line.split("|")[1])) for line in table.group(1).splitlines() if line.startswith("| `")]
        assert [sorted(row.split()) for row in rows] == [sorted(floor.split()) for floor in reversed(FLOORS[house])], (
            house
        )
