/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * verify -- is a file of rows the one that its run.json tells of?
 */
#pragma once

#include <stdbool.h>

#include "results/rows/manifest.h"

#define VERIFY_WHY_MAX 256

/* True when its length and SHA-256 are those of the part; a part without a digest may be anything.
 * False: why. */
bool verify_part(const char *path, const struct manifest_part *part, char why[VERIFY_WHY_MAX]);
