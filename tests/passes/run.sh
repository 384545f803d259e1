#!/usr/bin/env bash
# Text tests of the optimiser's passes; see run_pass_test.c.
exec "${VOYD_BUILD:-build}/tests/passes/run-pass-test" tests/passes/*.ir
