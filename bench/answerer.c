/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * bench-answerer -- a recursive resolver for measurements: answers any question, on any number of
 * loopback addresses, with set shares of SERVFAIL, truncation, loss and delay. Says "ready" when it
 * listens; on SIGTERM one line of JSON: what it saw.
 */
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/answer/server.h"
#include "bench/answer/tcp.h"
#include "io/clock.h"

#define DEFAULT_PORT 5300

static struct settings settings = {.threads = 1, .habit = "none"};

enum what { LISTEN, NUMBER, SWITCH, TEXT, SIGN };

static const struct option_row {
	const char *name, *argument, *help;
	enum what what;
	void *into;
	unsigned most;
} option_table[] = {
	{"listen", "ADDR", "ADDR[:PORT] or a range 127.0.1.1-250[:PORT], repeatable", LISTEN, NULL,
	 0},
	{"threads", "N", "threads for UDP, default 1", NUMBER, &settings.threads,
	 SERVER_THREADS_MAX},
	{"servfail", "PERMILLE", "names that are bogus: SERVFAIL with CD=0, NOERROR with CD=1",
	 NUMBER, &settings.shares.bogus, 1000},
	{"dead", "PERMILLE", "names that get SERVFAIL with both", NUMBER, &settings.shares.dead,
	 1000},
	{"tc", "PERMILLE", "names whose answers over UDP are truncated", NUMBER,
	 &settings.shares.truncated, 1000},
	{"loss", "PERCENT", "queries that are dropped, at random", NUMBER, &settings.loss, 100},
	{"delay", "MS", "time before every answer over UDP", NUMBER, &settings.delay_ms, 2000},
	{"jitter", "MS", "at most that much more, at random", NUMBER, &settings.jitter_ms, 2000},
	{"ede", NULL, "EDE 9 and 22 on SERVFAIL answers", SWITCH, &settings.shares.ede, 0},
	{"sign", "OCTETS", "an RRSIG with that long a signature on DO=1, and AD on CD=0", SIGN,
	 &settings.shares.signature, REPLY_SIGNATURE_MAX},
	{"trains", NULL,
	 "receive and answer in trains (UDP_GRO, UDP_SEGMENT), over TCP many in a write", SWITCH,
	 &settings.trains, 0},
	{"tls", "FILE", "TCP is TLS, with the certificate and key in it (PEM)", TEXT, &settings.tls,
	 0},
	{"habit-after", "N", "... not before so many queries over TCP", NUMBER,
	 &settings.habit_after, 100000000},
	{"habit", "WORD", "over TCP: closes backwards mute stalls silent garbage", TEXT,
	 &settings.habit, 0},
	{"limit", "QPS", "an address is overloaded above that: SERVFAIL", NUMBER, &settings.limit,
	 100000000},
	{"limit-drops", NULL, "... or no answer", SWITCH, &settings.limit_drops, 0},
	{"forge", "N", "forged answers over UDP before each true one: ID, question, port", NUMBER,
	 &settings.forging.before, 100},
	{"flood", "N", "forged answers with any ID, to this or another question or none, RCODE 6",
	 NUMBER, &settings.flood_count, 1000000000},
	{"garble", "PERMILLE", "names whose answers over UDP are cut off", NUMBER,
	 &settings.forging.garbled, 1000},
	{"mismatch", "PERMILLE", "names whose answers over UDP are to another question", NUMBER,
	 &settings.forging.mismatched, 1000},
	{"other-address", "PERMILLE", "names whose answers over UDP come from elsewhere", NUMBER,
	 &settings.forging.elsewhere, 1000},
	{"order-check", NULL, "count CD=1 queries that came before their CD=0", SWITCH,
	 &settings.order_check, 0},
	{"rate-log", "FILE", "write the rates by address at the end", TEXT, &settings.rate_log, 0},
};
#define OPTIONS (sizeof option_table / sizeof *option_table)

static void usage(void)
{
	fputs("usage: bench-answerer OPTION...\n", stderr);
	for (size_t i = 0; i < OPTIONS; i++)
		fprintf(stderr, "  --%-12s %-9s %s\n", option_table[i].name,
			option_table[i].argument ? option_table[i].argument : "",
			option_table[i].help);
	exit(2);
}

static void die(const char *what)
{
	fprintf(stderr, "bench-answerer: %s: %s\n", what, strerror(errno));
	exit(3);
}

static void add_address(const char *text)
{
	struct addr addr = {0};

	if (settings.address_count == SERVER_ADDRESSES_MAX ||
	    !addr_parse(&addr, text, DEFAULT_PORT))
		usage();
	settings.addresses[settings.address_count++] = addr;
}

/* "127.0.1.1-250:5300" is 127.0.1.1:5300 and so on. */
static void add_addresses(const char *text)
{
	char prefix[64], one[128];
	unsigned first, last;
	int used = 0;

	if (sscanf(text, "%63[0-9.]-%u%n", prefix, &last, &used) != 2) {
		add_address(text);
		return;
	}
	if (!strrchr(prefix, '.') || last > 255)
		usage();
	first = (unsigned)strtoul(strrchr(prefix, '.') + 1, NULL, 10);
	*strrchr(prefix, '.') = '\0';
	for (unsigned i = first; i <= last; i++) {
		snprintf(one, sizeof one, "%s.%u%s", prefix, i, text + used);
		add_address(one);
	}
}

static unsigned parse_number(const char *text, unsigned most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value > most)
		usage();
	return (unsigned)value;
}

static void take_option(const struct option_row *row, const char *value)
{
	switch (row->what) {
	case LISTEN:
		add_addresses(value);
		break;
	case NUMBER:
	case SIGN:
		*(unsigned *)row->into = parse_number(value, row->most);
		break;
	case SWITCH:
		*(bool *)row->into = true;
		break;
	case TEXT:
		*(const char **)row->into = value;
		break;
	}
}

static void parse_options(int argc, char **argv)
{
	struct option options[OPTIONS + 1] = {0};
	int found, index;

	for (size_t i = 0; i < OPTIONS; i++)
		options[i] = (struct option){
			option_table[i].name,
			option_table[i].argument ? required_argument : no_argument, NULL, 'x'};
	while ((found = getopt_long(argc, argv, "", options, &index)) == 'x')
		take_option(&option_table[index], optarg);
	if (found != -1)
		usage();
	if (optind != argc || settings.address_count == 0 || settings.threads == 0 ||
	    settings.shares.bogus + settings.shares.dead > 1000 ||
	    (forge_wanted(&settings.forging) && server_is_wild(&settings)))
		usage();
}

/* A thread's sockets may be shared by address and port (SO_REUSEPORT), with our own threads but
 * with nobody else. */
static void refuse_company(void)
{
	for (uint32_t i = 0; i < settings.address_count; i++) {
		int fd = server_socket(&settings, i, SOCK_DGRAM, false);

		if (fd < 0)
			die("bind");
		close(fd);
		if (server_is_wild(&settings))
			break;
	}
}

static void open_listeners(struct tcp_server *tcp, int *listeners)
{
	tcp->listeners = listeners;
	tcp->stop = settings.stop;
	tcp->shares = &settings.shares;
	tcp->together = settings.trains;
	tcp->habit_after = settings.habit_after;
	if (!habit_parse(settings.habit, &tcp->habit))
		usage();
	if (settings.tls && !(tcp->secure = secure_create(settings.tls)))
		die(settings.tls);
	for (uint32_t i = 0; i < settings.address_count && tcp->count < SERVER_SOCKETS_MAX; i++) {
		listeners[tcp->count] = server_socket(&settings, i, SOCK_STREAM, false);
		if (listeners[tcp->count++] < 0)
			die("listen");
		if (server_is_wild(&settings))
			break;
	}
}

static const char *address_name(uint32_t index)
{
	static char text[ADDR_TEXT_MAX];

	return addr_format(&settings.addresses[index], 0, text);
}

static void report(struct server_thread **threads, struct tcp_server *tcp)
{
	struct tally sum = {0};
	struct rusage usage;

	if (settings.rate_log && !tally_want_rate(&sum, settings.address_count, settings.start_ms))
		die("rates");
	tally_add(&sum, &tcp->tally);
	sum.flooded = settings.flood ? flood_sent(settings.flood) : 0;
	for (unsigned i = 0; i < settings.threads; i++)
		tally_add(&sum, server_thread_tally(threads[i]));
	getrusage(RUSAGE_SELF, &usage);
	tally_print(&sum, (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6,
		    (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6, stdout);
	if (settings.rate_log) {
		FILE *file = fopen(settings.rate_log, "w");

		if (!file)
			die(settings.rate_log);
		tally_print_rate(&sum, address_name, file);
		if (fclose(file) != 0)
			die(settings.rate_log);
		tally_free(&sum);
	}
}

int main(int argc, char **argv)
{
	static struct server_thread *threads[SERVER_THREADS_MAX];
	static int listeners[SERVER_SOCKETS_MAX];
	pthread_t ids[SERVER_THREADS_MAX + 1], attacker;
	struct tcp_server tcp = {0};
	sigset_t signals;
	int got;

	settings.addresses = calloc(SERVER_ADDRESSES_MAX, sizeof *settings.addresses);
	assert(settings.addresses);
	parse_options(argc, argv);
	settings.start_ms = clock_wall_ns() / NS_PER_MS;
	settings.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	reply_set_time(settings.start_ms / 1000);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (settings.order_check && !order_create())
		die("order");
	refuse_company();
	open_listeners(&tcp, listeners);
	if (settings.flood_count && !(settings.flood = flood_create(settings.flood_count)))
		die("flood");
	for (unsigned i = 0; i < settings.threads; i++)
		if (!(threads[i] = server_thread_create(&settings, i)))
			die("socket");
	for (unsigned i = 0; i < settings.threads; i++)
		if (pthread_create(&ids[i], NULL, server_thread_run, threads[i]) != 0)
			die("thread");
	if (pthread_create(&ids[settings.threads], NULL, tcp_serve, &tcp) != 0)
		die("thread");
	if (settings.flood && pthread_create(&attacker, NULL, flood_run, settings.flood) != 0)
		die("thread");
	puts("ready");
	fflush(stdout);
	sigwait(&signals, &got);
	eventfd_write(settings.stop, 1);
	for (unsigned i = 0; i <= settings.threads; i++)
		pthread_join(ids[i], NULL);
	if (settings.flood) {
		flood_stop(settings.flood);
		pthread_join(attacker, NULL);
	}
	report(threads, &tcp);
	flood_destroy(&settings.flood);
	for (unsigned i = 0; i < settings.threads; i++)
		server_thread_destroy(&threads[i]);
	order_destroy();
	secure_destroy(&tcp.secure);
	free(settings.addresses);
	return 0;
}
