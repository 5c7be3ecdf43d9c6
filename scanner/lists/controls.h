/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * controls -- names of which is known what a resolver that does its work says of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/buf.h"

enum control_kind {
	CONTROL_GOOD,	  /* signed, has an address */
	CONTROL_BOGUS,	  /* signed, and broken */
	CONTROL_UNSIGNED, /* has an address */
	CONTROL_NXDOMAIN, /* does not exist */
	CONTROL_FILTERED, /* has an address, which resolvers that filter withhold */
	CONTROL_KINDS
};

#define CONTROLS_MAX  64
#define CONTROL_QTYPE 1 /* A: what everybody answers */

struct control {
	enum control_kind kind;
	uint8_t qname[255];
	uint8_t qname_len;
};

struct controls {
	struct control list[CONTROLS_MAX];
	size_t count; /* 0: none, then only reachability is found out */
};

/*
 * path: lines "NAME good|bogus|unsigned|nxdomain|filtered", "# comment"; NULL: well-known names of
 * the Internet; "none": none. False: bad lines or no file, a line for each in errors.
 */
bool controls_load(struct controls *controls, const char *path, struct buf *errors);
