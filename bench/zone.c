/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * bench-zone COUNT: a TLD's zone file with as many delegations, the same ones every time, on
 * standard output.
 *
 * As registries hand them out: absolute names, tabs, sorted by the text of the owner, SOA first and
 * last. The names are of 8 to 20 letters; two to four name servers each, most of them at hosters,
 * one name in 20 with servers of its own and their glue; one in 12 has a DS record, with its
 * signature.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TLD	  "bench."
#define SYLLABLES 120 /* 20 onsets, 6 vowels, in the order of letters */
#define DISTINCT  ((uint64_t)SYLLABLES * SYLLABLES * SYLLABLES * SYLLABLES)
#define HOSTERS	  3000

static const char *const words[] = {"shop",  "news", "online", "web",
				    "media", "blog", "travel", "game"};

/* Of the name alone: the same in both passes. */
static uint64_t mix(uint64_t n)
{
	n = (n ^ n >> 31) * 0x9e3779b97f4a7c15U;
	n = (n ^ n >> 29) * 0xbf58476d1ce4e5b9U;
	return n ^ n >> 32;
}

static void put_name(char out[64], uint64_t index, uint64_t count)
{
	uint64_t number = index * (DISTINCT / count), random = mix(index + 1);

	for (int i = 3; i >= 0; i--, number /= SYLLABLES) {
		out[2 * i] = "bcdfghjklmnpqrstvwxz"[number % SYLLABLES / 6];
		out[2 * i + 1] = "aeiouy"[number % 6];
	}
	out[8] = '\0';
	for (unsigned left = random % 4; left > 1; left--, random /= 8)
		strcat(out, words[random / 8 % 8]);
}

static int has_own(uint64_t index)
{
	return mix(index + 7) % 20 == 0;
}

static unsigned servers_of(uint64_t index)
{
	return 2u + (mix(index) % 5 == 0) + (mix(index) % 25 == 0);
}

static void put_delegation(uint64_t index, uint64_t count)
{
	uint64_t random = mix(index), hoster = random / 64 % HOSTERS;
	char name[64];

	/* the large ones have most */
	hoster = hoster * hoster / HOSTERS;
	put_name(name, index, count);
	for (unsigned i = 1; i <= servers_of(index); i++) {
		if (has_own(index))
			printf("%s." TLD "\t3600\tin\tns\tns%u.%s." TLD "\n", name, i, name);
		else
			printf("%s." TLD "\t3600\tin\tns\tns%u.hoster-%llu.%s.\n", name, i,
			       (unsigned long long)hoster, hoster % 3 == 0 ? "bench" : "example");
	}
	if (random / 32 % 12 != 0)
		return;
	printf("%s." TLD "\t3600\tin\tds\t%u 13 2 %016llX%016llX%016llX%016llX\n", name,
	       (unsigned)(random & 0xffff), (unsigned long long)mix(random + 1),
	       (unsigned long long)mix(random + 2), (unsigned long long)mix(random + 3),
	       (unsigned long long)mix(random + 4));
	printf("%s." TLD "\t3600\tin\trrsig\tDS 13 2 3600 20261207000000 20261122230000 %u " TLD
	       " %016llx%016llx%016llx%016llxA==\n",
	       name, 4711, (unsigned long long)mix(random + 5), (unsigned long long)mix(random + 6),
	       (unsigned long long)mix(random + 7), (unsigned long long)mix(random + 8));
}

/* ns1 and ns2 of those who have servers of their own; they come behind all names in n. */
static void put_glue(uint64_t count)
{
	char name[64];

	for (unsigned i = 1; i <= 4; i++)
		for (uint64_t index = 0; index < count; index++) {
			uint64_t random = mix(index);

			if (!has_own(index) || i > servers_of(index))
				continue;
			put_name(name, index, count);
			printf("ns%u.%s." TLD "\t3600\tin\ta\t%u.%u.%u.%u\n", i, name,
			       (unsigned)(5 + random % 200), (unsigned)(random >> 8 & 255),
			       (unsigned)(random >> 16 & 255), i);
		}
}

int main(int argc, char **argv)
{
	static const char soa[] = TLD "\t900\tin\tsoa\ta.nic." TLD " hostmaster.nic." TLD
				      " 1795910400 1800 900 604800 86400\n";
	uint64_t count = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
	int glued = 0;

	if (count == 0 || count > DISTINCT) {
		fprintf(stderr, "usage: bench-zone COUNT (1..%llu)\n",
			(unsigned long long)DISTINCT);
		return 2;
	}
	printf("%s" TLD "\t3600\tin\tns\ta.nic." TLD "\n" TLD "\t3600\tin\tns\tb.nic." TLD "\n",
	       soa);
	for (uint64_t index = 0; index < count; index++) {
		char name[64];

		put_name(name, index, count);
		if (!glued && strcmp(name, "ns") > 0) {
			put_glue(count);
			glued = 1;
		}
		put_delegation(index, count);
	}
	if (fputs(soa, stdout) == EOF || fflush(stdout) != 0) {
		perror("bench-zone");
		return 3;
	}
	return 0;
}
