/* SPDX-License-Identifier: BSD-2-Clause */

/* The verdicts of an earlier report beside the questions of this one. */
#include "results/sort/previous.h"

#include <stdlib.h>
#include <unistd.h>

#include "results/sort/piece.h"
#include "tests/tap.h"

#define HEADER "name,qtype,status,category,cause,at,confidence\n"

static char folder[] = "/tmp/test_previous-XXXXXX", file[64];
static struct previous *previous;
static char *said;
static size_t said_len;
static FILE *messages;

static void open_text(const char *text)
{
	FILE *out = fopen(file, "w");

	fputs(text, out);
	fclose(out);
	messages = open_memstream(&said, &said_len);
	previous = previous_open(folder, messages);
	fflush(messages);
}

static void end(void)
{
	previous_close(&previous);
	ok(!previous, "closed");
	fclose(messages);
	free(said);
}

static struct buf with;
static unsigned pieces;

/* Asks for a question of this report; NULL: for what is behind all of them. */
static int ask(const char *name, uint16_t qtype)
{
	char key[PIECE_KEY_MAX];
	struct record record = {.key = key};
	struct buf piece = BUF_EMPTY;
	int more;

	buf_clear(&with);
	pieces = 0;
	if (name)
		record.key_len = piece_key(key, (struct view){name, strlen(name)}, qtype);
	do {
		buf_clear(&piece);
		more = previous_upto(previous, name ? &record : NULL, &piece);
		buf_add(&with, piece.data, piece.len);
	} while (more > 0 && ++pieces < 100);
	buf_free(&piece);
	return more;
}

/* "gone b.example 1 failing rrsig-expired; seen ok; " */
static const char *told(void)
{
	static const char *const kinds[] = {"new", "seen", "unread", "gone"};
	static char text[2000];
	const char *p = with.data;
	size_t len = 0;
	struct was was;

	text[0] = '\0';
	while (p < with.data + with.len) {
		p = was_read(p, &was);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", kinds[was.kind]);
		if (was.kind == WAS_GONE)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %.*s %u",
						(int)was.name.len, was.name.text, was.qtype);
		if (was.kind == WAS_GONE || was.kind == WAS_SEEN)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %s",
						status_name(was.side.status));
		if (was.side.cause.len > 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						" %.*s at %.*s, %.*s", (int)was.side.cause.len,
						was.side.cause.text, (int)was.side.at.len,
						was.side.at.text, (int)was.side.confidence.len,
						was.side.confidence.text);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "; ");
	}
	return text;
}

static void was(const char *name, uint16_t qtype, const char *want)
{
	char what[64];

	snprintf(what, sizeof(what), "%s %u", name ? name : "the end", qtype);
	is_int(ask(name, qtype), 0, what);
	is_str(told(), want, what);
}

static void side_by_side(void)
{
	open_text(HEADER "a.example,A,ok,,,,\n"
			 "a.example,AAAA,failing,dnssec,rrsig-expired,example,certain\n"
			 "b.example,A,partial,network,server-timeout,b.example,likely\n"
			 "b.example,MX,ok,,left-over,,\n" HEADER "\n"
			 "c.example,A,ok,,,,\n"
			 "\"d.example\",A,unknown,,,,\r\n"
			 "e.example,A,failing,zone,a-cause-of-another-version,e.example,guess");
	ok(previous != NULL, "a report");
	is_str(said, "", "nothing is said");
	was("0.example", 1, "new; ");
	was("a.example", 1, "seen ok; ");
	was("a.example", 15, "new; ");
	was("a.example", 28, "seen failing rrsig-expired at example, certain; ");
	was("b.example", 16, "gone b.example 1 partial server-timeout at b.example, likely; new; ");
	is_int((long long)previous_gone_well(previous), 1,
	       "b.example MX, which was ok, is counted");
	was("d.example", 1, "seen unknown; ");
	is_int((long long)previous_gone_well(previous), 2, "and c.example");
	was(NULL, 0, "gone e.example 1 failing a-cause-of-another-version at e.example, guess; ");
	was(NULL, 0, "");
	ok(!previous_damaged(previous), "all could be read");
	previous_tell(previous);
	end();
}

static void other_columns(void)
{
	open_text("status,new,name\nok,x,a.example\nfailing,,b.example\n");
	ok(previous != NULL, "only name and status");
	was("b.example", 1, "seen failing; ");
	is_int((long long)previous_gone_well(previous), 1, "one is gone");
	end();
	open_text("name,qtype\na.example,A\n");
	ok(!previous && strstr(said, "no column name, or none status"), "no status");
	end();
	open_text("");
	ok(!previous && strstr(said, "no header line"), "empty");
	end();
	unlink(file);
	messages = open_memstream(&said, &said_len);
	previous = previous_open(folder, messages);
	fflush(messages);
	ok(!previous && strstr(said, "No such file"), "not there");
	end();
}

static void bad_rows(void)
{
	open_text(HEADER "a.example,A,ok,,,,\n"
			 "b.example,A,broken,,,,\n"
			 "c.example,A,ok,,,,\n"
			 "b.example,A,ok,,,,\n"
			 "d.example,A,failing,dnssec,Bad-Cause,,\n"
			 "e.example,NOTYPE!,ok,,,,\n"
			 ",A,ok,,,,\n"
			 "f.example,A,ok\n"
			 "g.example,A,failing,,,,\n");
	was("a.example", 1, "seen ok; ");
	was("b.example", 1, "unread; ");
	ok(previous_damaged(previous), "something could not be read");
	was("c.example", 1, "seen ok; ");
	was("d.example", 1, "unread; ");
	was("g.example", 1, "seen failing; ");
	was("h.example", 1, "new; ");
	previous_tell(previous);
	fflush(messages);
	ok(strstr(said, "line 3: not a verdict\n") != NULL, "said of line 3");
	ok(strstr(said, "line 5: not in order: it does not count\n") != NULL, "and of line 5");
	ok(strstr(said, "1 more lines are bad\n") != NULL, "five are said: %s", strrchr(said, ':'));
	end();
}

/* More is gone than is handed out at once. */
static void many_gone(void)
{
	char *text = malloc(6000 * 100), *at = text;
	unsigned count = 0;
	struct was one;

	at += sprintf(at, HEADER);
	for (int i = 0; i < 6000; i++)
		at += sprintf(
			at, "n%05d.example,A,failing,dnssec,rrsig-expired,n%05d.example,certain\n",
			i, i);
	open_text(text);
	free(text);
	is_int(ask("z.example", 1), 0, "6000 that are gone");
	for (const char *p = with.data; p < with.data + with.len; count++)
		p = was_read(p, &one);
	is_int(count, 6001, "are all told");
	is_int(one.kind, WAS_NEW, "before this one");
	ok(pieces > 0, "in several pieces");
	end();
}

int main(void)
{
	if (!mkdtemp(folder))
		return 3;
	snprintf(file, sizeof(file), "%s/verdicts.csv.gz", folder);
	side_by_side();
	other_columns();
	bad_rows();
	many_gone();
	buf_free(&with);
	unlink(file);
	ok(rmdir(folder) == 0, "nothing is left behind");
	return done_testing();
}
