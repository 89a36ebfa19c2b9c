"""`make release` deletes nothing but an earlier release."""

import shutil

import pytest
from chandlery_release.__main__ import check_is_ours, clear


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").touch()
    for refuse in (check_is_ours, clear):
        with pytest.raises(SystemExit, match=r"has files that are no release \(there is no SHA256SUMS\): name an empty or a new folder"):
            refuse(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match="no release"):
        clear(tmp_path / "file")
    assert (tmp_path / "file").exists()


@pytest.mark.parametrize("files", [None, [], ["SHA256SUMS", "svcat.deb"]])
def test_a_new_folder_an_empty_one_and_an_earlier_release_are_taken(tmp_path, files):
    dist = tmp_path / "dist"
    if files is not None:
        dist.mkdir()
        for name in files:
            (dist / name).touch()
    clear(dist)
    assert list(dist.iterdir()) == []


def test_a_release_that_cannot_be_removed_is_told_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "SHA256SUMS").touch()

    def refuse(_folder):
        raise PermissionError(13, "Permission denied", "SHA256SUMS")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    with pytest.raises(SystemExit, match=r"cannot be removed .*Permission denied.*: remove it, as root if root has made it"):
        clear(tmp_path)
