"""Resources are found in a checkout and in an installed package."""

import shutil
import subprocess
import sys

from paramdesk import resources


def test_that_a_checkout_serves_the_folder_beside_the_package():
    path = resources.resource_path("templates", "any.json")
    assert path.parts[-3:] == ("resources", "templates", "any.json")
    assert path.parents[2] == resources.resource_path().parent


def test_that_an_installed_package_serves_its_own_copy(tmp_path):
    package = tmp_path / "paramdesk"
    (package / "_resources").mkdir(parents=True)
    (tmp_path / "resources").mkdir()
    (package / "__init__.py").touch()
    shutil.copy(resources.__file__, package)
    code = "from paramdesk.resources import resource_path; print(resource_path('icons'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == str(package / "_resources" / "icons")
