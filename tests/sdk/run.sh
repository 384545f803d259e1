#!/usr/bin/env bash
# libvoyd from C: tests/sdk/test_sdk.c, built by meson.
exec "${VOYD_BUILD:-build}/tests/sdk/test_sdk"
