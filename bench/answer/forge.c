/* SPDX-License-Identifier: BSD-2-Clause */

#include "bench/answer/forge.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

bool forge_wanted(const struct forging *forging)
{
	return forging->before || forging->garbled || forging->mismatched || forging->elsewhere;
}

enum forge_fate forge_fate(const struct forging *forging, const struct asking *asking)
{
	/* Other bits than those that make a name bogus or truncated. */
	unsigned share = (unsigned)((asking->hash * 0x9e3779b97f4a7c15U >> 40) % 1000);

	if (share < forging->garbled)
		return FORGE_GARBLED;
	share -= forging->garbled;
	if (share < forging->mismatched)
		return FORGE_MISMATCHED;
	share -= forging->mismatched;
	return share < forging->elsewhere ? FORGE_ELSEWHERE : FORGE_NOT;
}

void forge_id(uint8_t *answer, unsigned noise)
{
	answer[0] ^= (uint8_t)(noise >> 8);
	answer[1] ^= (uint8_t)(noise | 1);
}

/* The first letter of the QNAME, or the QTYPE of the root. */
void forge_question(uint8_t *answer)
{
	if (answer[12] != 0)
		answer[13] = answer[13] == 'x' ? 'y' : 'x';
	else
		answer[14] ^= 1;
}

size_t forge_cut(uint8_t *answer, const struct asking *asking)
{
	answer[6] = 0;
	answer[7] = 1; /* ANCOUNT */
	return asking->question_end + 5U;
}

int forge_socket(const struct addr *addr)
{
	struct addr elsewhere = *addr;
	int fd = socket(addr->sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -1;
	if (addr->sa.sa_family == AF_INET) {
		elsewhere.in.sin_addr.s_addr ^= htonl(1);
		elsewhere.in.sin_port = 0;
	} else {
		elsewhere.in6.sin6_port = 0;
	}
	if (bind(fd, &elsewhere.sa, elsewhere.len) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}
