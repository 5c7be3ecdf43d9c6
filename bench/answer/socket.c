/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/answer/server.h"

#define SOCKET_BUFFER (16 * 1024 * 1024)

bool server_is_wild(const struct settings *settings)
{
	if (settings->address_count <= SERVER_SOCKETS_MAX)
		return false;
	for (uint32_t i = 0; i < settings->address_count; i++)
		if (settings->addresses[i].sa.sa_family != AF_INET ||
		    addr_port(&settings->addresses[i]) != addr_port(&settings->addresses[0]))
			return false;
	return true;
}

int server_socket(const struct settings *settings, uint32_t index, int type, bool shared)
{
	struct addr addr = settings->addresses[index];
	int fd = socket(addr.sa.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, size = SOCKET_BUFFER;

	if (fd < 0)
		return -1;
	if (server_is_wild(settings)) {
		addr.in.sin_addr.s_addr = htonl(INADDR_ANY);
		if (type == SOCK_DGRAM)
			setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
	}
	if (shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	if (type == SOCK_STREAM) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	} else {
		if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
			setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
		if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
			setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
		if (settings->trains)
			setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on);
		if (settings->rate_log)
			setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
	}
	if (bind(fd, &addr.sa, addr.len) != 0 || (type == SOCK_STREAM && listen(fd, 4096) != 0)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}
