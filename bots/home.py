"""An operator's folder: the files that people edit, and beside them what the bots keep."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from base.errors import ConfigError, Problem
from storage.backups import FOLDER

VARIABLE = "NIGHTDESK_HOME"
DATA = ".nightdesk"
LOG = "nightdesk.log"


@dataclass(frozen=True, slots=True)
class Home:
    """Where an operator's files are: `shops.yaml` and `knowledge.yaml`, and the bots' own under `.nightdesk`."""

    folder: Path

    @classmethod
    def choose(cls, named: Path | None, environ: Mapping[str, str]) -> Home:
        """The folder named on the command line, else by the environment, else the current one."""
        folder = named or Path(environ.get(VARIABLE) or ".")
        return cls(folder.expanduser().resolve())

    @property
    def shops(self) -> Path:
        """The list of shops."""
        return self.folder / "shops.yaml"

    @property
    def knowledge(self) -> Path:
        """The knowledge that a new list of shops names."""
        return self.folder / "knowledge.yaml"

    @property
    def data(self) -> Path:
        """What the bots keep."""
        return self.folder / DATA

    @property
    def ledger(self) -> Path:
        """The database."""
        return self.data / "ledger.db"

    @property
    def logs(self) -> Path:
        """The logs' folder."""
        return self.data / "logs"

    @property
    def secrets(self) -> Path:
        """The passwords of shops whose secret is kept in the file."""
        return self.data / "secrets.json"

    @property
    def seats(self) -> Path:
        """The locks of the shops that are driven."""
        return self.data / "seats"

    @property
    def backups(self) -> Path:
        """The nightly copies of the ledger."""
        return self.ledger.parent / FOLDER

    @property
    def evidence(self) -> Path:
        """Pictures and masked pages for people to look at."""
        return self.data / "evidence"

    @property
    def states(self) -> Path:
        """The saved sessions, sealed."""
        return self.data / "states"

    @property
    def scratch(self) -> Path:
        """What the workers' browsers keep while they run."""
        return self.data / "scratch"

    def prepare(self) -> None:
        """Make the folders that are missing, readable by their owner alone.

        Raises `ConfigError`, also where a file of ours cannot be written.
        """
        self._check_folder()
        for folder in (self.data, self.logs, self.seats, self.backups, self.evidence, self.states):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except FileExistsError:
                hint = "删掉或改名这个文件，这个位置要放文件夹"
                raise ConfigError(
                    Problem(message="这里应该是文件夹，却是一个文件", path=folder, hint=hint)
                ) from None
            except OSError as error:
                raise _unwritable(folder, error.strerror) from None
            if not os.access(folder, os.W_OK | os.X_OK):
                raise _unwritable(folder, "没有写权限")
        for file in (self.ledger, self.logs / LOG):
            _check_file(file)

    def _check_folder(self) -> None:
        if self.folder.exists() and not self.folder.is_dir():
            raise ConfigError(
                Problem(message="这是一个文件，不是文件夹", path=self.folder, hint="--home 要写文件夹")
            )


def _check_file(file: Path) -> None:
    """Where another user ran Nightdesk here, root above all, what they left can be read and not written."""
    if file.exists() and not file.is_file():
        raise ConfigError(Problem(message="这里应该是文件，却是一个文件夹", path=file, hint="把这个文件夹移走"))
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        hint = f"多半是用别的用户（例如 sudo）运行时留下的，运行 sudo chown -R 您的用户名 {file.parent}"
        raise ConfigError(Problem(message="不能写这个文件：没有权限", path=file, hint=hint))


def _unwritable(folder: Path, why: str | None) -> ConfigError:
    there = next(place for place in (folder, *folder.parents) if place.is_dir())
    hint = f"换一个能写的文件夹（--home 文件夹，或环境变量 {VARIABLE}），或运行 chmod u+rwx {there}"
    return ConfigError(Problem(message=f"不能在这里写文件：{why}", path=folder, hint=hint))
