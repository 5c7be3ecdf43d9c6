/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * domain -- which part of a name somebody registered, by the public suffix list. The only door to
 * libpsl.
 *
 * The list is the newest that libpsl knows (the package publicsuffix, else what libpsl was built
 * with); it is read once, at the first call, and constant from then on: any thread may ask.
 */
#pragma once

#include "results/rows/row.h"

/* "example.co.uk" of "a.b.example.co.uk", a view into name. Empty when the name is a public suffix
 * itself, or the root. Below a TLD that the list does not know, it is two labels. */
struct view domain_registered(struct view name);
