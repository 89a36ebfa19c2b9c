"""The walkthrough with pods, in its order, and then what becomes of it in the life of a cluster. Each test goes on where the one before it ended."""

import pytest

pytestmark = pytest.mark.usefixtures("installed")


def test_1_the_catalog_is_installed(installed):
    installed.catalog()


def test_2_the_account_is_prepared(installed):
    installed.prerequisites()


def test_3_the_broker_is_installed_and_ready(installed):
    installed.broker()
