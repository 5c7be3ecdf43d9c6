/* SPDX-License-Identifier: BSD-2-Clause */

/* All kinds of facts that evidence is made of. */
#include "scanner/evidence/inquest.h"
#include "scanner/evidence/reach.h"

/* clang-format off */
const struct fact_kind fact_kinds[KIND_COUNT] = {
	[KIND_PROBE]	  = {"probe", probe_find, &probe_unknown, &probe_unknown, DEPTH_NONE, 0},
	[KIND_REACH]	  = {"reach", reach_find, &reach_all, &reach_all, DEPTH_NONE, 0},
	[KIND_REPUTATION] = {"reputation", reputation_find, &reputation_none, &reputation_none, DEPTH_NONE, 0},
	[KIND_PLACE]	  = {"place", place_find, &place_unknown, &place_loop, DEPTH_NONE, 0},
	[KIND_HOST]	  = {"host", host_find, &host_unknown, &host_loop, DEPTH_HOST, HOST_DEPTH_MAX},
	[KIND_DS]	  = {"ds", ds_find, &ds_unknown, &ds_unknown, DEPTH_NONE, 0},
	[KIND_KEYS]	  = {"keys", keys_find, &keys_unknown, &keys_unknown, DEPTH_NONE, 0},
	[KIND_SERVER]	  = {"server", server_find, &server_unknown, &server_unknown, DEPTH_NONE, 0},
	[KIND_STATE]	  = {"state", state_find, &state_unknown, &state_unknown, DEPTH_NONE, 0},
	[KIND_NAME]	  = {"name", inquest_find, &inquest_unknown, &inquest_loop, DEPTH_ALIAS, INQUEST_ALIASES_MAX + 2},
	[KIND_ACCOUNT]	  = {"account", account_find, &account_unknown, &account_unknown, DEPTH_NONE, 0},
};
/* clang-format on */
