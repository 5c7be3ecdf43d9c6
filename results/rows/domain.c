/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/domain.h"

#include <libpsl.h>
#include <pthread.h>
#include <string.h>

#define NAME_OCTETS 256 /* RFC 1035, section 2.3.4 */

static const psl_ctx_t *list;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
	list = psl_latest(NULL);
	if (!list)
		list = psl_builtin();
}

struct view domain_registered(struct view name)
{
	char text[NAME_OCTETS];
	const char *found;

	pthread_once(&once, load);
	if (!list || name.len == 0 || name.len >= sizeof(text))
		return (struct view){NULL, 0};
	memcpy(text, name.text, name.len);
	text[name.len] = '\0';
	found = psl_registrable_domain(list, text);
	return found ? (struct view){name.text + (found - text), name.len - (size_t)(found - text)}
		     : (struct view){NULL, 0};
}
