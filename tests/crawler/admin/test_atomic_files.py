"""Files that appear whole or not at all, and what is no file."""

import os
from pathlib import Path

import pytest

from crawler.admin.atomic_files import replace_file
from crawler.errors import DatelineError


def write(path: Path, text: bytes) -> None:
    with replace_file(path) as file:
        file.write(text)


def test_a_file_is_replaced_when_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path, b"old")
    with pytest.raises(ZeroDivisionError), replace_file(path) as file:
        file.write(b"half" * (1 // len(b"")))
    assert path.read_bytes() == b"old"
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_one(tmp_path: Path) -> None:
    folder, link = tmp_path / "disk", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder / "a")
    for text in (b"old", b"new"):
        write(link, text)
        assert link.is_symlink()
        assert (folder / "a").read_bytes() == text


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/null")):
        with pytest.raises(DatelineError, match="is not a regular file and was not changed"):
            write(path, b"new")
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    for path in (circle, tmp_path / ("long" * 100), pipe / "below"):
        with pytest.raises(DatelineError, match="cannot be written"):
            write(path, b"new")
    assert pipe.is_fifo()
    assert Path("/dev/null").is_char_device()
