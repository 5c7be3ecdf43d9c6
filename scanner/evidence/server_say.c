/* SPDX-License-Identifier: BSD-2-Clause */

/* What one probe, and what one answer, shows of a server: as a finding, and in words. */
#include "scanner/evidence/server.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool probe_useful(const struct probe *probe, const struct zone *zone, struct reading *reading)
{
	struct reading own;

	if (probe == NULL || !probe_answered(probe))
		return false;
	if (reading == NULL)
		reading = &own;
	reading_make(reading, zone->name, probe->qname, probe->qtype, probe->records,
		     probe->way == PROBE_RELAY);
	return reading_useful(reading);
}

/* ---- one probe ---- */

static const char *finding_of_error(int rcode)
{
	switch (rcode) {
	case RCODE_REFUSED:
		return "ns-refused";
	case RCODE_SERVFAIL:
		return "zone-not-loaded";
	default:
		return "ns-error";
	}
}

const char *reading_finding(const struct reading *reading, const struct probe *probe,
			    const struct zone *zone)
{
	const struct zone *above;

	switch (reading->kind) {
	case READING_ANSWER:
		return reading->authoritative || reading->no_name ? "ok" : "ok-without-aa";
	case READING_REFERRAL:
		return "ok";
	case READING_ERROR:
		return finding_of_error(reading->rcode);
	case READING_NOTHING:
	case READING_ASIDE:
		return "ns-not-authoritative";
	case READING_SELF:
		return ancestor_server(zone, &probe->addr) != NULL ? "ns-upward-referral"
								   : "ns-not-authoritative";
	case READING_UPWARD:
		return "ns-upward-referral";
	case READING_OTHER_ZONE:
		/* the parent's own servers deny the name rather than to know it delegated */
		above = ancestor_server(zone, &probe->addr);
		return above != NULL && dname_under(above->name, reading->owner)
			       ? "ns-upward-referral"
			       : "ns-other-zone";
	case READING_MALFORMED:
		return "answer-malformed";
	case READING_BAD_RDATA:
	case READING_TOO_LONG:
		return "records-malformed";
	}
	return "ns-error";
}

const char *probe_finding(const struct probe *probe, const struct zone *zone)
{
	struct reading reading;

	if (probe->way == PROBE_RELAY)
		return probe_useful(probe, zone, NULL) ? "ok" : "no-answer";
	switch (probe->outcome) {
	case OUTCOME_ANSWERED:
		if (probe->truncated)
			return "truncated";
		(void)probe_useful(probe, zone, &reading);
		return reading_finding(&reading, probe, zone);
	case OUTCOME_UNREACHABLE:
		return probe->unsent ? "no-route" : "ns-unreachable";
	case OUTCOME_MALFORMED:
		return "answer-malformed";
	case OUTCOME_MISMATCH:
		return "answer-mismatch";
	case OUTCOME_TIMEOUT:
		return "ns-timeout";
	default:
		return "not-asked";
	}
}

/* ---- the sentence ---- */

void server_is(struct fact *self, struct server *server, const char *finding, const char *format,
	       ...)
{
	char text[700];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	server->finding = finding;
	server->detail = arena_text(fact_arena(self), "%s", text);
}

const char *stream_failure(const struct probe *tcp)
{
	switch (tcp->outcome) {
	case OUTCOME_UNREACHABLE:
		return "TCP is refused, or closed without an answer";
	case OUTCOME_MALFORMED:
		return "TCP gives garbage";
	case OUTCOME_MISMATCH:
		return "TCP gives something else";
	case OUTCOME_NOT_ASKED:
		return "TCP was not tried";
	case OUTCOME_ANSWERED:
		return "over TCP too";
	default:
		return "TCP is silent";
	}
}

const char *ladder_question(const struct ladder *l, char text[DNAME_TEXT_MAX + NAME_TEXT_MAX + 2])
{
	char type[NAME_TEXT_MAX];

	dname_text(text, l->qname);
	strcat(text, "/");
	return strcat(text, qtype_name(l->qtype, type));
}

/* A complete message that is not what was wanted. */
void server_says(struct fact *self, struct server *server, const struct ladder *l,
		 const struct probe *probe, const struct reading *reading)
{
	const char *finding = reading_finding(reading, probe, l->zone);
	char owner[DNAME_TEXT_MAX], zone[DNAME_TEXT_MAX], qname[DNAME_TEXT_MAX];
	char rcode[NAME_TEXT_MAX];
	const struct zone *above = ancestor_server(l->zone, &probe->addr);

	dname_text(owner, reading->owner);
	dname_text(zone, l->zone->name);
	dname_text(qname, probe->qname);
	switch (reading->kind) {
	case READING_ERROR:
		server_is(self, server, finding, "answers %s", rcode_name(reading->rcode, rcode));
		return;
	case READING_NOTHING:
		server_is(self, server, finding, "answers %s without AA and without data",
			  rcode_name(reading->rcode, rcode));
		return;
	case READING_SELF:
		server_is(self, server, finding,
			  above != NULL ? "is a server of a zone above, and only refers to %s"
					: "refers to %s itself, without AA",
			  zone);
		return;
	case READING_UPWARD:
		server_is(self, server, finding, "refers to %s, which is not below %s", owner,
			  zone);
		return;
	case READING_ASIDE:
		server_is(self, server, finding, "refers to %s, which %s is not in", owner, qname);
		return;
	case READING_OTHER_ZONE:
		server_is(self, server, finding, "answers %s with the SOA of %s%s",
			  rcode_name(reading->rcode, rcode), owner,
			  above != NULL
				  ? ": it is a server of a zone above, and does not have this one"
				  : "");
		return;
	case READING_BAD_RDATA:
		server_is(self, server, finding, "a record of %s in the answer does not parse",
			  owner);
		return;
	case READING_TOO_LONG:
		server_is(self, server, finding,
			  "answers YXDOMAIN: a DNAME makes the name longer than 255 octets");
		return;
	case READING_MALFORMED:
		server_is(self, server, finding, "the answer does not parse");
		return;
	case READING_ANSWER:
	case READING_REFERRAL:
		server_is(self, server, finding, "%s",
			  strcmp(finding, "ok") == 0 ? "" : "answers without AA");
		return;
	}
}
