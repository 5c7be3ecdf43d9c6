/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/seen.h"

#include <stdlib.h>

#include "tests/tap.h"

static bool number_before(struct seen *seen, uint32_t number)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "name-%u.example", number);

	return seen_before(seen, text, (size_t)len);
}

static void test_small(void)
{
	struct seen *seen = seen_create(4096, 1);

	ok(!seen_before(seen, "a", 1), "a is new");
	ok(seen_before(seen, "a", 1), "a is not");
	ok(!seen_before(seen, "b", 1), "b is new");
	ok(!seen_before(seen, "", 0), "nothing is new");
	ok(seen_before(seen, "", 0), "nothing is not");
	ok(seen_before(seen, "a", 1), "a still is not");
	seen_destroy(&seen);
	ok(!seen, "destroyed");
	seen_destroy(&seen);
}

/* Half full, it knows every name and takes none for another. */
static void test_exact(void)
{
	struct seen *seen = seen_create(SEEN_OCTETS / 8, 0x1234567);
	uint32_t count = 800000, wrong = 0, missed = 0;

	for (uint32_t i = 0; i < count; i++)
		wrong += number_before(seen, i);
	for (uint32_t i = 0; i < count; i++)
		missed += !number_before(seen, i);
	is_int(wrong, 0, "no new name was taken for an old one");
	is_int(missed, 0, "no old name was forgotten");
	seen_destroy(&seen);
}

/* Over-full, it knows the latest names and forgets the oldest. */
static void test_full(void)
{
	size_t octets = 1024 * 1024;
	uint32_t places = (uint32_t)(octets / 64 * 12), last = 10 * places, wrong = 0;
	uint32_t late = 0, early = 0;
	struct seen *seen = seen_create(octets, 42);

	for (uint32_t i = 0; i < last; i++)
		wrong += number_before(seen, i);
	is_int(wrong, 0, "no new name was taken for an old one");
	for (uint32_t i = last - places / 4; i < last; i++)
		late += number_before(seen, i);
	ok(late > places / 4 / 10 * 9, "knows %u of the last %u", late, places / 4);
	for (uint32_t i = 0; i < 1000; i++)
		early += number_before(seen, i);
	is_int(early, 0, "knows none of the first 1000");
	seen_destroy(&seen);
}

/* The key decides: other keys, other collisions. */
static void test_key(void)
{
	struct seen *one = seen_create(128, 1), *two = seen_create(128, 2);
	int differences = 0;

	for (uint32_t i = 0; i < 1000; i++)
		number_before(one, i), number_before(two, i);
	for (uint32_t i = 980; i < 1000; i++)
		differences += number_before(one, i) != number_before(two, i);
	ok(differences > 0, "two keys forget different names");
	seen_destroy(&one);
	seen_destroy(&two);
}

int main(void)
{
	test_small();
	test_exact();
	test_full();
	test_key();
	return done_testing();
}
