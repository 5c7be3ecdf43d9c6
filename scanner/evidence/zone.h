/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * zone -- zones as their parents delegate them, the addresses of their name servers, and how to ask
 * them.
 *
 *     place(www.example.org) = place(example.org) and the answer of its zone's servers to
 * www.example.org/NS host(ns.example.net)   = place(ns.example.net) and the answers of its zone's
 * servers to A and AAAA
 */
#pragma once

#include "scanner/evidence/probe.h"
#include "scanner/evidence/reading.h"

/* Limits that no honest zone meets. */
#define ZONE_NS_MAX	   13
#define ZONE_FAMILY_MAX	   4 /* addresses of one name server in each family */
#define ZONE_ADDRESSES_MAX 16
#define HOST_DEPTH_MAX	   6

/* One server in a delegation. */
struct ns {
	const uint8_t *name;
	const char *resolver; /* it is one in the place of a name server; NULL: it is not */
	struct addr glue[2 * ZONE_FAMILY_MAX]; /* IPv4 first */
	unsigned glue_count;
	bool inside; /* its name lies in the zone: it needs glue */
};

struct zone {
	const uint8_t *name;
	const struct zone *parent; /* NULL: the root */
	struct ns *ns;		   /* in order of their names */
	unsigned ns_count;
	bool ns_left_out; /* there are more */
	/* What the parent's server said; NULL for the root. */
	const struct probe *delegation;
	const struct chain_ds_set
		*file_ds; /* it is delegated by a zone file, which has these DS; NULL: by
					       the parent's server */
	bool by_child;	  /* it is a server of both zones and answered as the child's */
};

enum place_kind {
	PLACE_ZONE,    /* the name is that of `zone` */
	PLACE_INSIDE,  /* the name is in `zone` */
	PLACE_NO_NAME, /* `zone` says that the name does not exist, or one above it */
	PLACE_SILENT,  /* no server of `zone` tells what is below */
	PLACE_LOOP,    /* to find the way down, the way down is needed */
	PLACE_UNKNOWN, /* nothing more could be asked */
};

struct place {
	enum place_kind kind;
	const struct zone *zone; /* the deepest known; NULL only with LOOP and UNKNOWN */
	const char *why;	 /* with SILENT: what the servers did */
	bool excluded;		 /* ... and some of them are never to be asked */
	bool unsought;		 /* ... and some were not looked for as far as could be */
};

enum host_kind {
	HOST_FOUND, /* addresses */
	HOST_ALIAS, /* by way of a CNAME: addresses, perhaps none */
	HOST_NO_NAME,
	HOST_NO_ADDRESS,
	HOST_UNRESOLVABLE, /* its zone is broken */
	HOST_LOOP,
	HOST_UNKNOWN,
};

struct host {
	enum host_kind kind;
	struct addr addr[2 * ZONE_FAMILY_MAX]; /* IPv4 first */
	unsigned addr_count;
	const struct zone *zone; /* that its name is in; NULL: not known */
	const char *why;
	bool excluded;	      /* with UNKNOWN: servers that could tell are never to be asked */
	const uint8_t *alias; /* with HOST_ALIAS */
	const struct probe *probe[2]; /* A, AAAA; NULL: no answer */
};

/* place.c */
bool place_find(struct fact *self);
extern const struct place place_unknown, place_loop;
const struct place *need_place(struct fact *self, const uint8_t *name);

/* ring.c: nothing but glue for names of other zones leads to its name servers, for these are found
 * only through each other. False: waits. */
bool zone_in_ring(struct fact *self, const struct zone *zone, bool *in_ring);

/* parents.c: *how: what another server of the parent says of the zone; NULL: the same, or it was not
 * asked. False: waits. */
bool zone_parents_differ(struct fact *self, const struct zone *zone, const char **how);

/* host.c */
bool host_find(struct fact *self);
extern const struct host host_unknown, host_loop;
const struct host *need_host(struct fact *self, const uint8_t *name);

/* asking.c */
enum asking_state { ASKING_WAITS, ASKING_DONE, ASKING_SILENT };

struct asking {
	const struct probe *probe; /* with ASKING_DONE */
	struct reading reading;
	bool loop;     /* with ASKING_SILENT: its servers' names are found only by way of itself */
	bool excluded; /* with ASKING_SILENT: some are never to be asked */
	bool unsought; /* with ASKING_SILENT: some were not looked for as far as could be */
	char why[600]; /* with ASKING_SILENT: what each server did */
};

/*
 * Asks the zone's servers, one after the other, until one says something useful; passes over the
 * first `skip` of these. Glue comes first; names without glue are resolved where it does not help.
 */
enum asking_state zone_ask(struct fact *self, const struct zone *zone, const uint8_t *qname,
			   uint16_t qtype, unsigned skip, struct asking *asking);
/* What one probe came to, in a few words, for zone_ask's why and others. */
void probe_say(char *text, size_t size, const struct probe *probe, const struct reading *reading);
