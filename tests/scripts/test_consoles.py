"""What `make setup-consoles` builds is built once, again when it changed, and its failures say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts import apt, consoles
from scripts.running import SetupFailed


class Machine:
    """A machine on which the programs given are there and the packages given can be had."""

    def __init__(self) -> None:
        self.programs = {"npm"}
        self.packages: dict[str, str] = {}
        self.npm = True
        self.ran: list[list[str]] = []

    def which(self, program: str) -> str | None:
        return f"/usr/bin/{program}" if program in self.programs else None

    def run(self, command: Sequence[str | Path], _seconds: float) -> bool:
        words = [str(word) for word in command]
        self.ran.append(words)
        if words[0] == "npm":
            return self.npm
        program = self.packages.get(words[-1])
        self.programs |= {program} if program else set()
        return words[-1] == "update" or program is not None


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    machine = Machine()
    machine.programs.add("apt-get")
    for module in (apt, consoles):
        monkeypatch.setattr(module.shutil, "which", machine.which)
        monkeypatch.setattr(module, "run", machine.run)
    monkeypatch.setattr(apt, "root", lambda: [])
    monkeypatch.setattr(consoles, "CONSOLES", tmp_path / "consoles")
    monkeypatch.setattr(consoles, "BUILT", tmp_path / "built")
    (tmp_path / "consoles/chat").mkdir(parents=True)
    return machine


def write(tmp_path: Path, **files: str) -> None:
    for name, text in files.items():
        (tmp_path / "consoles/chat" / name.replace("_", ".").replace("package.lock", "package-lock")).write_text(
            text
        )


def test_a_web_part_is_built_once_and_again_when_it_changed(machine: Machine, tmp_path: Path) -> None:
    write(tmp_path, package_json="{}", package_lock_json="one")
    assert consoles.main() == consoles.main() == 0
    assert [words[:2] for words in machine.ran] == [["npm", "ci"]]
    assert "--ignore-scripts" in machine.ran[0]
    write(tmp_path, package_lock_json="two")
    assert consoles.main() == 0
    assert len(machine.ran) == 2


def test_a_web_part_that_was_not_built_is_tried_again(
    machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, package_json="{}", package_lock_json="one")
    machine.npm = False
    assert consoles.main() == 1
    told = capsys.readouterr().err
    assert "镜像" in told and "mirror" in told
    machine.npm = True
    assert consoles.main() == 0
    assert len(machine.ran) == 2


def test_a_program_is_installed_without_its_service_where_it_is_missing(machine: Machine, tmp_path: Path) -> None:
    write(tmp_path, programs_txt="served server-package /etc/init.d/served\n")
    machine.packages["server-package"] = "served"
    assert consoles.main() == consoles.main() == 0
    assert [words[-1] for words in machine.ran] == ["update", "server-package"]
    assert "Dpkg::Options::=--path-exclude=/etc/init.d/served" in machine.ran[-1]


def test_a_program_that_cannot_be_had_is_an_error_that_names_its_package(machine: Machine) -> None:
    with pytest.raises(SetupFailed, match="sudo apt-get install server-package") as failed:
        consoles._ensure_program("served", "server-package")
    assert "install the package server-package" in str(failed.value)
