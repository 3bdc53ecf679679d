#!/bin/sh
# SPDX-License-Identifier: MIT
# The scripts that ship, and their tests, are luacheck clean.
command -v luacheck > /dev/null || exit 77
cd "${srcdir:-.}" && exec luacheck --no-color -q lua tests/lua
