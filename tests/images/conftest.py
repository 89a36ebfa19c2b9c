"""The images of the programs in the tests' bin folder, built once."""

import shutil

import pytest
from unpacked_image import PROGRAMS, Image, build_images, unpack


@pytest.fixture(scope="session")
def image_folder(bin_dir, tmp_path_factory):
    if shutil.which("buildah") is None:
        pytest.fail("there is no buildah: make setup")
    folder = tmp_path_factory.mktemp("images")
    build_images(folder, bin_dir)
    return folder


@pytest.fixture(scope="session")
def images(image_folder) -> dict[str, Image]:
    return {program: unpack(image_folder, program) for program in PROGRAMS}


@pytest.fixture(params=PROGRAMS)
def image(images, request) -> Image:
    return images[request.param]
