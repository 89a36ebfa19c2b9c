// As libraries.hpp, for the unit tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libraries.hpp"
