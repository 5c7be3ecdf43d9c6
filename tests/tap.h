/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tap -- the few words our unit tests need to speak the Test Anything Protocol to prove(1).
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3))) static inline bool ok(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	tap_failed += !good;
	return good;
}

static inline bool is_int(long long got, long long want, const char *name)
{
	if (got != want)
		printf("# got %lld, want %lld\n", got, want);
	return ok(got == want, "%s", name);
}

static inline bool is_str(const char *got, const char *want, const char *name)
{
	bool same = got && want ? strcmp(got, want) == 0 : got == want;

	if (!same)
		printf("# got '%s'\n# want '%s'\n", got ? got : "(null)", want ? want : "(null)");
	return ok(same, "%s", name);
}

/* The last line of every test's main(): its exit status. */
static inline int done_testing(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}
