/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * bench-names COUNT: as many distinct host names, the same ones every time, on standard output.
 *
 * Their lengths follow a histogram of 10,000 hosts that people really visit, as does the share of
 * "www."; letters come in syllables, so that they compress about as well as real names do.
 * 207,360,000 are distinct.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many of 10,000 hosts have this many octets. */
static const uint16_t lengths[] = {
	0,   0,	  0,   0,   4,	 11,  58,  85,	168, 307, 511, 654, 727, 935, 965, 888, 897,
	805, 676, 558, 405, 312, 221, 193, 126, 147, 93,  69,  47,  33,	 26,  19,  18,	10,
	5,   4,	  6,   2,   2,	 4,   3,   1,	1,   1,	  0,   0,   1,	 1,   0,   0,	1,
};
#define LENGTHS ((int)(sizeof lengths / sizeof *lengths))

/* The most frequent last labels, out of 10,000 hosts. */
static const struct {
	const char *name;
	uint16_t share;
} tlds[] = {
	{"com", 4407}, {"net", 520}, {"jp", 421}, {"in", 307}, {"org", 257}, {"br", 240},
	{"ru", 210},   {"pl", 167},  {"fr", 162}, {"de", 153}, {"it", 139},  {"es", 84},
	{"co", 83},    {"tv", 82},   {"gr", 62},  {"id", 75},  {"uk", 78},   {"tr", 76},
	{"vn", 73},    {"ir", 68},   {"ar", 65},
};
#define TLDS ((int)(sizeof tlds / sizeof *tlds))

static const char *const words[] = {"shop", "news", "online", "web",   "media", "blog", "travel",
				    "game", "auto", "tech",   "house", "sport", "bank", "forum"};
#define WORDS (sizeof words / sizeof *words)

#define SYLLABLES 120 /* 20 onsets, 6 vowels */
#define DISTINCT  ((uint64_t)SYLLABLES * SYLLABLES * SYLLABLES * SYLLABLES)
#define STRIDE                                                                                     \
	128159029U /* has no divisor in common with DISTINCT: every index gets a label of its own  \
		    */

static uint64_t random_state = 1;

static uint32_t next_random(void)
{
	random_state = random_state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(random_state >> 33);
}

static int draw_length(void)
{
	int left = (int)(next_random() % 10000);

	for (int length = 0; length < LENGTHS; length++) {
		left -= lengths[length];
		if (left < 0)
			return length;
	}
	return 15;
}

static const char *draw_tld(void)
{
	int total = 0, left;

	for (int i = 0; i < TLDS; i++)
		total += tlds[i].share;
	left = (int)(next_random() % (uint32_t)total);
	for (int i = 0;; i++) {
		left -= tlds[i].share;
		if (left < 0)
			return tlds[i].name;
	}
}

static char *put_text(char *out, const char *text)
{
	size_t len = strlen(text);

	memcpy(out, text, len);
	return out + len;
}

static char *put_syllables(char *out, uint64_t number)
{
	for (int i = 0; i < 4; i++, number /= SYLLABLES) {
		*out++ = "bcdfghjklmnprstvwxyz"[number % SYLLABLES / 6];
		*out++ = "aeiouy"[number % 6];
	}
	return out;
}

/* One line: [www.][word-...]syllables.tld, as near to the wanted length as its parts allow. */
static size_t put_name(char out[128], uint64_t index)
{
	const char *tld = draw_tld();
	char *p = out;
	int room = draw_length() - 9 - (int)strlen(tld);

	if (room >= 4 && next_random() % 100 < 85) {
		p = put_text(p, "www.");
		room -= 4;
	}
	while (room > 3) {
		const char *word = words[next_random() % WORDS];

		if ((int)strlen(word) > room)
			break;
		p = put_text(p, word);
		room -= (int)strlen(word);
	}
	p = put_syllables(p, index * STRIDE % DISTINCT);
	*p++ = '.';
	p = put_text(p, tld);
	*p++ = '\n';
	return (size_t)(p - out);
}

int main(int argc, char **argv)
{
	uint64_t count = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;

	if (count == 0 || count > DISTINCT) {
		fprintf(stderr, "usage: bench-names COUNT (1..%llu)\n",
			(unsigned long long)DISTINCT);
		return 2;
	}
	for (uint64_t i = 0; i < count; i++) {
		char line[128];

		if (fwrite(line, put_name(line, i), 1, stdout) != 1)
			break;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("bench-names");
		return 3;
	}
	return 0;
}
