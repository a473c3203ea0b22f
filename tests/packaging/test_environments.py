"""When an environment is taken as it is, mended or made anew; that it is made is seen by whoever starts it."""

from pathlib import Path

import pytest

import environments


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "requirements.lock"
    path.write_text("numpy==2.4.6\n")
    return path


@pytest.fixture
def venv(tmp_path, lock):
    """An environment that looks finished."""
    folder = tmp_path / "checkout" / ".venv"
    (environments.packages_folder(folder) / "numpy-2.4.6.dist-info").mkdir(parents=True)
    environments.environment_python(folder).parent.mkdir(parents=True)
    environments.environment_python(folder).touch()
    environments.write_stamp(folder, [lock])
    return folder


def usable(venv):
    return environments.is_usable(venv, environments.read_stamp(venv))


def complete(venv, *locks):
    return environments.is_complete(venv, environments.read_stamp(venv), locks)


def test_that_a_finished_environment_is_taken_as_it_is(venv, lock):
    assert usable(venv)
    assert complete(venv, lock)


def test_that_an_unfinished_environment_is_made_anew(venv):
    environments.stamp_file(venv).unlink()
    assert not usable(venv)


def test_that_a_damaged_stamp_counts_as_none(venv):
    environments.stamp_file(venv).write_text("{")
    assert not usable(venv)


def test_that_an_environment_whose_python_is_gone_is_made_anew(venv):
    environments.environment_python(venv).unlink()
    assert not usable(venv)


def test_that_an_environment_of_another_python_is_made_anew(venv, monkeypatch):
    monkeypatch.setattr(environments, "python_tag", lambda: "cpython-399-x86_64")
    assert not usable(venv)


def test_that_a_changed_lock_file_is_installed(venv, lock):
    lock.write_text("numpy==2.4.7\n")
    assert usable(venv)
    assert not complete(venv, lock)


def test_that_the_tools_are_installed_where_only_the_runtime_was(venv, lock):
    tools = lock.with_name("development.lock")
    tools.write_text("pytest==9.2.0\n")
    assert not complete(venv, lock, tools)


def test_that_a_removed_package_is_installed_again(venv, lock):
    (environments.packages_folder(venv) / "numpy-2.4.6.dist-info").rmdir()
    assert not complete(venv, lock)


def test_that_a_package_which_the_user_adds_is_nobody_elses_business(venv, lock):
    (environments.packages_folder(venv) / "ipython-9.0.dist-info").mkdir()
    assert complete(venv, lock)


def test_that_the_path_to_the_checkout_is_relative(venv):
    environments.link_checkout(venv, venv.parent)
    folder = environments.packages_folder(venv)
    line = (folder / "paramdesk-checkout.pth").read_text().strip()
    assert not Path(line).is_absolute()
    assert (folder / line).resolve() == venv.parent
