/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * asset -- files that are part of the program: report.{html,css,js}, by tools/embed.
 */
#pragma once

#include <stddef.h>

struct asset {
	const char *text;
	size_t len;
	const char *hash; /* "sha256-..." as a Content-Security-Policy wants it */
};

extern const struct asset asset_page, asset_style, asset_script;
